import { IconSelector, IconTerminal2 } from "@tabler/icons-react";
import { useQuery, useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import { accountQuery, resourcesQuery, type Server, serverQuery, serversQuery } from "@/api/queries";
import { can, type Live, liveOf, panelState, stateOf } from "@/features/servers/state";
import { useT } from "@/i18n";
import { address, against, bytes, limit, mib, percent, span } from "@/lib/format";
import { m as shell } from "@/shell/messages";
import type { NavGroup } from "@/shell/nav-items";
import { Shell } from "@/shell/shell";
import { TopBar } from "@/shell/top-bar";
import { CopyChip } from "@/ui/copy";
import { ErrorCard } from "@/ui/failure";
import { SkeletonCard } from "@/ui/feedback";
import { Icon } from "@/ui/icon";
import { Menu } from "@/ui/menu";
import { useTitle } from "@/ui/page";
import { type ServerState, StateMark, stateNames } from "@/ui/state-mark";
import { ConsoleView } from "./console-view";
import { LoadCard } from "./load-card";
import { m } from "./messages";
import { PowerGroup } from "./power-group";
import { type Session, sessionOf } from "./session";

/** A server's page: state, power, console and load. Only the widgets that need the node wait for it. */
export default function ServerPage() {
  const t = useT();
  const { server: id } = useParams({ from: "/signed-in/server/$server" });
  const server = useQuery(serverQuery(id));
  const nav: NavGroup[] = [
    { items: [{ to: `/server/${id}`, label: shell.console, icon: IconTerminal2 }] },
    { title: shell.servers, items: [{ to: "/", label: shell.allServers, icon: IconSelector, exact: true }] },
  ];
  const name = server.data?.name ?? t(m.title);
  useTitle(server.data ? t(m.pageTitle, { name }) : t(m.title));

  return (
    <Shell kind="server" nav={nav.slice(0, 1)} switcher={<Switcher server={server.data} />}>
      {server.data ? (
        <Loaded key={server.data.uuid} server={server.data} />
      ) : (
        <>
          <TopBar title={name} parent={{ label: t(m.servers), to: "/" }} />
          <main className="page" id="main">
            {server.isError ? (
              <ErrorCard title={t(m.loadFailed)} error={server.error} retry={() => void server.refetch()} />
            ) : (
              <SkeletonCard lines={5} />
            )}
          </main>
        </>
      )}
    </Shell>
  );
}

function Loaded({ server }: { server: Server }) {
  const t = useT();
  const client = useQueryClient();
  const { data: account } = useSuspenseQuery(accountQuery);
  const session = useMemo(() => sessionOf(server.uuid), [server.uuid]);
  useEffect(() => session.use(), [session]);
  const { connection, power, changed } = session.state();

  // Without a live line the panel is asked, which in turn asks the node once for everybody.
  const figures = useQuery({ ...resourcesQuery(server.uuid), enabled: connection !== "live" });
  const known = panelState(server);
  const live: Live =
    connection === "live" ? (power ? ({ state: power } as Live) : undefined) : liveOf(figures);
  const state = stateOf(server, live);

  useEffect(() => {
    if (changed > 0) void client.invalidateQueries({ queryKey: ["servers", "one"] });
  }, [changed, client]);
  // An installation may end while no line is open; its end is told by the panel's own row.
  useQuery({ ...serverQuery(server.uuid_short), refetchInterval: known === "installing" ? 3_000 : 30_000 });

  return (
    <>
      <TopBar
        title={server.name}
        parent={{ label: t(m.servers), to: "/" }}
        status={state ? <StateMark state={state} pill /> : null}
      >
        {server.allocation ? (
          <span className="hide-m trunc">
            <CopyChip text={address(server.allocation)} what={t(m.address)} />
          </span>
        ) : null}
        <PowerGroup server={server} state={state} />
      </TopBar>
      <StateAnnouncer state={state} />
      <main className="page fill conpage" id="main">
        <div className="stack">
          <StateBanner server={server} state={state} />
          <Strip server={server} session={session} />
        </div>
        <div className="grid2 congrid">
          <ConsoleView
            session={session}
            server={server.uuid}
            sender={account?.username ?? ""}
            canSend={can(server, "control.console")}
          />
          <div className="stack conside">
            <LoadCard session={session} limits={server.limits} />
            <Details server={server} />
          </div>
        </div>
      </main>
    </>
  );
}

/** Tells screen readers about changes of the state, not about every line of output. */
function StateAnnouncer({ state }: { state: ServerState | undefined }) {
  const t = useT();
  const first = useRef(true);
  const [text, setText] = useState("");
  useEffect(() => {
    if (!state) return;
    if (first.current) first.current = false;
    else setText(t(m.state, { state: t(stateNames[state]) }));
  }, [state, t]);
  return (
    <p className="vh" role="status">
      {text}
    </p>
  );
}

function StateBanner({ server, state }: { server: Server; state: ServerState | undefined }) {
  const t = useT();
  const { name, node_name: node } = server;
  const texts: Partial<Record<ServerState, [string, string]>> = {
    installing: [t(m.installingTitle, { name }), t(m.installingText)],
    failed: [t(m.failedTitle), t(m.failedText)],
    suspended: [t(m.suspendedTitle, { name }), t(m.suspendedText)],
    unreachable: [t(m.unreachableTitle, { node }), t(m.unreachableText)],
    transferring: [t(m.transferTitle, { name }), t(m.transferText)],
  };
  const text = state ? texts[state] : undefined;
  if (!state || !text) return null;
  return (
    <div className={`banner ${state}`}>
      <StateMark state={state} shapeOnly />
      <p>
        <b>{text[0]}</b> <span className="t2">{text[1]}</span>
      </p>
    </div>
  );
}

/** The readings that matter, in one card. */
function Strip({ server, session }: { server: Server; session: Session }) {
  const t = useT();
  const { stats, rate, power } = session.state();
  const on = power !== null && power !== "offline";
  const [now, setNow] = useState(() => Date.now());
  const base = useRef({ at: Date.now(), uptime: 0 });
  if (stats && stats.uptime !== base.current.uptime) base.current = { at: Date.now(), uptime: stats.uptime };
  useEffect(() => {
    const timer = window.setInterval(() => setNow(Date.now()), 1_000);
    return () => window.clearInterval(timer);
  }, []);
  const { limits } = server;
  const of = (text: string) => <small>{t(m.of, { limit: text })}</small>;
  const uptime = on && stats ? span((stats.uptime + Math.max(0, now - base.current.at)) / 1_000) : "–";
  const readings: [string, string, ReactNode][] = [
    [t(m.uptime), uptime, null],
    [
      t(m.cpu),
      on && stats ? percent(stats.cpu_absolute) : "–",
      limits.cpu > 0 ? of(String(limits.cpu)) : null,
    ],
    [
      t(m.memory),
      on && stats ? against(stats.memory_bytes, limits.memory) : "–",
      limits.memory > 0 ? of(bytes(mib(limits.memory))) : null,
    ],
    [
      t(m.disk),
      stats ? against(stats.disk_bytes, limits.disk) : "–",
      limits.disk > 0 ? of(bytes(mib(limits.disk))) : null,
    ],
    [t(m.networkIn), on && rate ? bytes(rate.rx) : "–", on && rate ? <small>/s</small> : null],
    [t(m.networkOut), on && rate ? bytes(rate.tx) : "–", on && rate ? <small>/s</small> : null],
  ];
  return (
    <dl className="strip">
      {readings.map(([name, value, rest]) => (
        <div key={name}>
          <dt className="k">{name}</dt>
          <dd className="v">
            {value} {rest}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Details({ server }: { server: Server }) {
  const t = useT();
  return (
    <section className="card pad stack g12">
      <h2>{t(m.details)}</h2>
      <dl className="dl sm">
        <dt>{t(m.game)}</dt>
        <dd>{server.egg.name}</dd>
        <dt>{t(m.node)}</dt>
        <dd>
          {server.node_name}, {server.location_name}
        </dd>
        <dt>{t(m.disk)}</dt>
        <dd>{limit(server.limits.disk, t(m.noLimit))}</dd>
        <dt>{t(m.sftp)}</dt>
        <dd className="mono">
          {server.sftp_host}:{server.sftp_port}
        </dd>
        <dt>{t(m.id)}</dt>
        <dd className="mono">{server.uuid_short}</dd>
      </dl>
    </section>
  );
}

/** Which server this is, and the way to another one. */
function Switcher({ server }: { server: Server | undefined }) {
  const t = useT();
  const navigate = useNavigate();
  const [open, setOpen] = useState(false);
  const list = useQuery({ ...serversQuery({ per_page: 50 }), enabled: open });
  return (
    <Menu opened={open} onChange={setOpen} width={224} position="bottom-start" offset={6}>
      <Menu.Target>
        <button type="button" className="switcher">
          <span className="trunc">
            <span className="vh">{t(m.switchServer)}: </span>
            <span className="nm">{server?.name ?? "…"}</span>
            <br />
            <span className="t3 xs">{server ? `${server.egg.name}, ${server.node_name}` : ""}</span>
          </span>
          <span className="sp" />
          <Icon of={IconSelector} size="s" />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        {(list.data?.data ?? []).map((s) => (
          <Menu.Item
            key={s.uuid}
            onClick={() => void navigate({ to: "/server/$server", params: { server: s.uuid_short } })}
          >
            {s.name}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item component={Link} {...{ to: "/" }}>
          {t(m.allServers)}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
