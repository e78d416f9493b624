import {
  IconDotsVertical,
  IconPlayerPlay,
  IconPlayerStop,
  IconRefresh,
  IconTerminal2,
} from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { memo, type ReactNode, useEffect, useRef, useState } from "react";
import { api, type Input, take } from "@/api/client";
import { asFailure } from "@/api/error";
import { type Resources, resourcesQuery, type Server } from "@/api/queries";
import { type Message, useT } from "@/i18n";
import { address, clock, mib, percent, shortBytes, span } from "@/lib/format";
import { ButtonLink, IconButton } from "@/ui/button";
import { CopyChip } from "@/ui/copy";
import { Icon } from "@/ui/icon";
import { Menu } from "@/ui/menu";
import { Meter } from "@/ui/meter";
import { type ServerState, StateMark } from "@/ui/state-mark";
import { toast, toastFailure } from "@/ui/toasts";
import { m } from "./messages";
import { Perch } from "./perch";
import { can, isUsable, liveOf, panelState, stateOf } from "./state";

/** Whether an element is on screen; figures are only asked for what somebody can see. */
function useVisible() {
  const ref = useRef<HTMLLIElement>(null);
  const [visible, setVisible] = useState(false);
  useEffect(() => {
    const element = ref.current;
    if (!element) return;
    const watcher = new IntersectionObserver(([entry]) => setVisible(entry?.isIntersecting ?? false), {
      rootMargin: "120px",
    });
    watcher.observe(element);
    return () => watcher.disconnect();
  }, []);
  return [ref, visible] as const;
}

/** One server of the list. Its height never changes, so live figures can't move the grid. */
export const ServerCard = memo(function ServerCard({ server }: { server: Server }) {
  const t = useT();
  const [ref, visible] = useVisible();
  const known = panelState(server);
  const figures = useQuery({ ...resourcesQuery(server.uuid), enabled: visible && known === undefined });
  const state = stateOf(server, liveOf(figures));
  const samples = useSamples(figures.data, figures.dataUpdatedAt);

  return (
    <li ref={ref} className={`card sc${state === "unreachable" ? " stale" : ""}`}>
      <div className="h">
        {state ? <StateMark state={state} /> : <span className="sm t3">{t(m.asking)}</span>}
        {figures.data && figures.data.uptime > 0 && (state === "running" || state === "starting") ? (
          <span className="t">{span(figures.data.uptime / 1000)}</span>
        ) : null}
        {state === "unreachable" && figures.data ? (
          <span className="t">{t(m.asOf, { time: clock(figures.dataUpdatedAt).slice(0, 5) })}</span>
        ) : null}
        <span className="sp" />
        <CardMenu server={server} state={state} />
      </div>
      <Link className="nm trunc" to="/server/$server" params={{ server: server.uuid_short }}>
        {server.name}
      </Link>
      <div className="sub">
        <span className="trunc">
          {server.egg.name}, {server.node_name}
        </span>
      </div>
      {server.allocation ? (
        <CopyChip plain text={address(server.allocation)} what={t(m.address, { name: server.name })} />
      ) : (
        <div className="adr t3">{t(m.noAddress)}</div>
      )}
      <CardBody server={server} state={state} figures={figures.data} />
      <Perch state={state} samples={samples} limit={server.limits.cpu} />
    </li>
  );
});

function CardBody({
  server,
  state,
  figures,
}: {
  server: Server;
  state: ServerState | undefined;
  figures: Resources | undefined;
}) {
  const t = useT();
  const note = (text: string, action?: ReactNode) => (
    <>
      <p className="note">{text}</p>
      {action ? <div className="row note-act">{action}</div> : null}
    </>
  );
  switch (state) {
    case "suspended":
      return note(t(m.suspended));
    case "transferring":
      return note(t(m.transferring));
    case "installing":
      return note(
        t(m.installingText),
        <Link className="sm inline-link" to="/server/$server" params={{ server: server.uuid_short }}>
          {t(m.watch)}
        </Link>,
      );
    case "failed":
      return note(
        t(m.failed),
        <ButtonLink size="sm" to="/server/$server" params={{ server: server.uuid_short }}>
          {t(m.readLog)}
        </ButtonLink>,
      );
    case "unreachable":
      if (!figures) return note(t(m.unreachable, { node: server.node_name }));
  }
  const { limits } = server;
  const on = state === "running" || state === "starting" || state === "stopping" || state === "unreachable";
  const cpu = on ? (figures?.cpu_absolute ?? 0) : 0;
  const memory = on ? (figures?.memory_bytes ?? 0) : 0;
  const disk = figures?.disk_bytes ?? 0;
  const share = (value: number, max: number) => (max > 0 ? value / max : undefined);
  return (
    <div className="m">
      <Meter label={t(m.cpu)} text={percent(cpu)} share={share(cpu, limits.cpu)} />
      <Meter label={t(m.memory)} text={shortBytes(memory)} share={share(memory, mib(limits.memory))} />
      <Meter label={t(m.disk)} text={shortBytes(disk)} share={share(disk, mib(limits.disk))} />
    </div>
  );
}

const actions: ["start" | "restart" | "stop", Message, typeof IconPlayerPlay][] = [
  ["start", m.start, IconPlayerPlay],
  ["restart", m.restart, IconRefresh],
  ["stop", m.stop, IconPlayerStop],
];

function CardMenu({ server, state }: { server: Server; state: ServerState | undefined }) {
  const t = useT();
  const navigate = useNavigate();
  const client = useQueryClient();
  const power = useMutation({
    mutationFn: (action: Input<"/api/client/servers/{server}/power", "post">["action"]) =>
      take(
        api.POST("/api/client/servers/{server}/power", {
          params: { path: { server: server.uuid } },
          body: { action },
        }),
      ),
    onSuccess: (_, action) => {
      const word = actions.find(([a]) => a === action)?.[1];
      toast(t(m.sent, { name: server.name, action: word ? t(word) : action }));
      void client.invalidateQueries({ queryKey: resourcesQuery(server.uuid).queryKey });
    },
    onError: (error) => toastFailure(t(m.powerFailed, { name: server.name }), asFailure(error)),
  });
  const possible = (action: string) =>
    action === "start" ? state === "offline" : state === "running" || state === "starting";
  return (
    <Menu width={200} position="bottom-end" offset={4}>
      <Menu.Target>
        <IconButton icon={IconDotsVertical} label={t(m.actions, { name: server.name })} />
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item
          leftSection={<Icon of={IconTerminal2} />}
          onClick={() => void navigate({ to: "/server/$server", params: { server: server.uuid_short } })}
        >
          {t(m.openConsole)}
        </Menu.Item>
        {isUsable(state)
          ? actions
              .filter(([action]) => can(server, `control.${action}`))
              .map(([action, label, icon]) => (
                <Menu.Item
                  key={action}
                  leftSection={<Icon of={icon} />}
                  disabled={!possible(action)}
                  onClick={() => power.mutate(action)}
                >
                  {t(label)}
                </Menu.Item>
              ))
          : null}
      </Menu.Dropdown>
    </Menu>
  );
}

const KEPT = 90;

/** The last CPU readings of this card, for its perch line. */
function useSamples(figures: Resources | undefined, at: number): number[] {
  const [samples, setSamples] = useState<number[]>([]);
  const seen = useRef(0);
  useEffect(() => {
    if (!figures || at === seen.current) return;
    seen.current = at;
    setSamples((old) => [...old.slice(1 - KEPT), figures.cpu_absolute]);
  }, [figures, at]);
  return samples;
}

/** A card's place while the list loads for the first time. */
export function ServerCardSkeleton() {
  return (
    <div className="card sc">
      <div className="stack g12 sc-sk">
        <div className="sk" style={{ width: "30%" }} />
        <div className="sk" style={{ width: "64%" }} />
        <div className="sk" style={{ width: "48%" }} />
      </div>
    </div>
  );
}
