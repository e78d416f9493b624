import { IconBookmark } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { api, take } from "@/api/client";
import { useT } from "@/i18n";
import { IconButton } from "@/ui/button";
import { Menu } from "@/ui/menu";
import { m } from "./messages";

interface Props {
  /** What the server runs. */
  egg: string;
  onChoose: (command: string) => void;
}

/** The commands that this person keeps for servers of an egg. One that is chosen stands in the command line, and is not sent yet. */
export function Snippets({ egg, onChoose }: Props) {
  const t = useT();
  const [open, setOpen] = useState(false);
  const list = useQuery({
    queryKey: ["account-snippets", "egg", egg],
    queryFn: async ({ signal }) =>
      (
        await take(
          api.GET("/api/client/servers/eggs/{egg}/command-snippets", { params: { path: { egg } }, signal }),
        )
      ).command_snippets,
    enabled: open,
    staleTime: 60_000,
  });
  return (
    <Menu width={300} position="top-end" offset={6} opened={open} onChange={setOpen}>
      <Menu.Target>
        <IconButton icon={IconBookmark} label={t(m.snippets)} />
      </Menu.Target>
      <Menu.Dropdown className="snippet-menu">
        <Menu.Label>{t(m.snippets)}</Menu.Label>
        {list.data?.map((snippet) => (
          <Menu.Item key={snippet.uuid} onClick={() => onChoose(snippet.command)}>
            <span className="b block trunc">{snippet.name}</span>
            <span className="mono xs t3 block trunc">{snippet.command}</span>
          </Menu.Item>
        ))}
        {list.isError ? <Menu.Label>{t(m.snippetsFailed)}</Menu.Label> : null}
        {list.data?.length === 0 ? <Menu.Label>{t(m.snippetsNone)}</Menu.Label> : null}
        <Menu.Divider />
        <Menu.Item component={Link} to="/account/snippets">
          {t(m.snippetsEdit)}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
