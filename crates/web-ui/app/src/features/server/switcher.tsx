import { IconSearch, IconSelector } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useRouterState } from "@tanstack/react-router";
import { useState } from "react";
import { type Server, serversQuery } from "@/api/queries";
import { m as console_ } from "@/features/console/messages";
import { panelState } from "@/features/servers/state";
import { useT } from "@/i18n";
import { Icon } from "@/ui/icon";
import { Menu } from "@/ui/menu";
import { StateMark } from "@/ui/state-mark";
import { m } from "./messages";
import { pathBelow } from "./pages";

/** Which server this is, and the way to another one: to the same page there, where it has one. */
export function Switcher({ server }: { server: Server | undefined }) {
  const t = useT();
  const navigate = useNavigate();
  const path = useRouterState({ select: (s) => s.location.pathname });
  const [open, setOpen] = useState(false);
  const [text, setText] = useState("");
  const search = text.trim();
  const list = useQuery({
    ...serversQuery({ per_page: 20, ...(search ? { search } : {}) }),
    enabled: open,
  });
  const others = (list.data?.data ?? []).filter((s) => s.uuid !== server?.uuid);
  const go = (id: string) => void navigate({ to: `/server/${id}${pathBelow(path)}` });
  return (
    <Menu
      opened={open}
      onChange={(next) => {
        setOpen(next);
        if (!next) setText("");
      }}
      width={264}
      position="bottom-start"
      offset={6}
    >
      <Menu.Target>
        <button type="button" className="switcher">
          <span className="trunc">
            <span className="vh">{t(console_.switchServer)}: </span>
            <span className="nm">{server?.name ?? "…"}</span>
            <br />
            <span className="t3 xs">{server ? `${server.egg.name}, ${server.node_name}` : ""}</span>
          </span>
          <span className="sp" />
          <Icon of={IconSelector} size="s" />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Search
          aria-label={t(m.switchFind)}
          placeholder={t(m.switchFind)}
          leftSection={<Icon of={IconSearch} size="s" />}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <div className="switch-list">
          {others.map((s) => {
            const state = panelState(s) ?? s.power_state ?? undefined;
            return (
              <Menu.Item
                key={s.uuid}
                leftSection={state ? <StateMark state={state} shapeOnly /> : <span className="no-mark" />}
                onClick={() => go(s.uuid_short)}
              >
                <span className="trunc">{s.name}</span>
              </Menu.Item>
            );
          })}
        </div>
        {others.length === 0 ? (
          <Menu.Label>
            {t(list.isError ? m.switchFailed : list.isPending ? m.switchLoading : m.switchNothing)}
          </Menu.Label>
        ) : null}
        <Menu.Divider />
        <Menu.Item component={Link} {...{ to: "/" }}>
          {t(console_.allServers)}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
