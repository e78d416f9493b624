import { IconFolder, IconSelector, IconTerminal2 } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, Outlet, useNavigate, useParams, useRouterState } from "@tanstack/react-router";
import { lazy, type ReactNode, Suspense, useEffect, useMemo, useRef, useState } from "react";
import { resourcesQuery, type Server, serverQuery, serversQuery } from "@/api/queries";
import { m } from "@/features/console/messages";
import { PowerGroup } from "@/features/console/power-group";
import { sessionOf } from "@/features/console/session";
import { useUploads } from "@/features/files/uploads";
import { can, type Live, liveOf, panelState, stateOf } from "@/features/servers/state";
import { useT } from "@/i18n";
import { address } from "@/lib/format";
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
import { ServerContext } from "./context";

const UploadDock = lazy(() => import("@/features/files/upload-dock"));

/** The pages of a server that this person may open. */
function pagesOf(id: string, server: Server | undefined): NavGroup[] {
  const files = server && can(server, "files.read");
  return [
    {
      items: [
        { to: `/server/${id}`, label: shell.console, icon: IconTerminal2, exact: true },
        ...(files ? [{ to: `/server/${id}/files`, label: shell.files, icon: IconFolder }] : []),
      ],
    },
  ];
}

/** The frame of a server's pages: where it is, its state, its power. Only the widgets that need the node wait for it. */
export default function ServerFrame() {
  const t = useT();
  const { server: id } = useParams({ from: "/signed-in/server/$server" });
  const server = useQuery(serverQuery(id));
  const name = server.data?.name ?? t(m.title);

  return (
    <Shell kind="server" nav={pagesOf(id, server.data)} switcher={<Switcher server={server.data} />}>
      {server.data ? (
        <Loaded key={server.data.uuid} server={server.data} />
      ) : (
        <Waiting name={name}>
          {server.isError ? (
            <ErrorCard title={t(m.loadFailed)} error={server.error} retry={() => void server.refetch()} />
          ) : (
            <SkeletonCard lines={5} />
          )}
        </Waiting>
      )}
    </Shell>
  );
}

/** As long as nobody knows the server, its pages can't name themselves. */
function Waiting({ name, children }: { name: string; children: ReactNode }) {
  const t = useT();
  useTitle(name);
  return (
    <>
      <TopBar title={name} parent={{ label: t(m.servers), to: "/" }} />
      <main className="page" id="main">
        {children}
      </main>
    </>
  );
}

function Loaded({ server }: { server: Server }) {
  const t = useT();
  const client = useQueryClient();
  const { server: id } = useParams({ from: "/signed-in/server/$server" });
  const first = useRouterState({ select: (s) => s.location.pathname.replace(/\/$/, "") === `/server/${id}` });
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
  const facts = useMemo(() => ({ server, state, session }), [server, state, session]);

  return (
    <ServerContext value={facts}>
      <TopBar
        title={server.name}
        // The other pages have a heading of their own.
        heading={first}
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
      <Outlet />
      <Uploads />
    </ServerContext>
  );
}

/** Uploads go on from page to page. */
function Uploads() {
  const any = useUploads((s) => s.list.length > 0);
  return any ? (
    <Suspense>
      <UploadDock />
    </Suspense>
  ) : null;
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
