import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Outlet, useParams, useRouterState } from "@tanstack/react-router";
import { lazy, type ReactNode, Suspense, useEffect, useMemo, useRef, useState } from "react";
import { resourcesQuery, type Server, serverQuery } from "@/api/queries";
import { m } from "@/features/console/messages";
import { PowerGroup } from "@/features/console/power-group";
import { sessionOf } from "@/features/console/session";
import { useUploads } from "@/features/files/uploads";
import { type Live, liveOf, panelState, stateOf } from "@/features/servers/state";
import { useT } from "@/i18n";
import { address } from "@/lib/format";
import { Shell } from "@/shell/shell";
import { TopBar } from "@/shell/top-bar";
import { CopyChip } from "@/ui/copy";
import { ErrorCard } from "@/ui/failure";
import { SkeletonCard } from "@/ui/feedback";
import { useTitle } from "@/ui/page";
import { type ServerState, StateMark, stateNames } from "@/ui/state-mark";
import { ServerContext } from "./context";
import { pagesOf } from "./pages";
import { Switcher } from "./switcher";

const UploadDock = lazy(() => import("@/features/files/upload-dock"));

/** The frame of a server's pages: where it is, its state, its power. Only the widgets that need the node wait for it. */
export default function ServerFrame() {
  const t = useT();
  const { server: id } = useParams({ from: "/signed-in/server/$server" });
  const server = useQuery(serverQuery(id));
  const name = server.data?.name ?? t(m.title);

  return (
    <Shell
      kind="server"
      nav={[{ items: pagesOf(id, server.data) }]}
      switcher={<Switcher server={server.data} />}
    >
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
