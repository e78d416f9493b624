import type { QueryClient } from "@tanstack/react-query";
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from "@tanstack/react-router";
import { accountQuery, setupQuery } from "./api/queries";
import { readPlace } from "./features/files/place";
import { CrashPage, NotFoundPage } from "./shell/dead-ends";

interface Context {
  client: QueryClient;
}

const rootRoute = createRootRouteWithContext<Context>()({
  component: Outlet,
  notFoundComponent: NotFoundPage,
});

/** Text of a search parameter, or nothing. Only paths of this site are taken, so a link can't send people away. */
function localPath(value: unknown): string | undefined {
  return typeof value === "string" && /^\/(?![/\\])/.test(value) ? value : undefined;
}

const signIn = createRoute({
  getParentRoute: () => rootRoute,
  path: "/auth/login",
  validateSearch: (search): { to?: string; expired?: boolean } => {
    const to = localPath(search.to);
    return { ...(to ? { to } : {}), ...(search.expired === true ? { expired: true } : {}) };
  },
  beforeLoad: async ({ context: { client } }) => {
    const [setup, account] = await Promise.all([
      client.ensureQueryData(setupQuery),
      client.ensureQueryData(accountQuery),
    ]);
    if (setup.needed && setup.step === "account") throw redirect({ to: "/setup" });
    if (account) throw redirect({ to: "/" });
  },
  component: lazyRouteComponent(() => import("./features/auth/sign-in")),
});

const setupRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/setup",
  // The server prints a link with the token at its first start.
  validateSearch: (search): { step?: string; token?: string } => ({
    ...(typeof search.step === "string" ? { step: search.step } : {}),
    ...(typeof search.token === "string" ? { token: search.token } : {}),
  }),
  beforeLoad: async ({ context: { client } }) => {
    const [setup, account] = await Promise.all([
      client.ensureQueryData(setupQuery),
      client.ensureQueryData(accountQuery),
    ]);
    if (!setup.needed) throw redirect({ to: account ? "/" : "/auth/login" });
    if (setup.step === "account") return;
    if (!account) throw redirect({ to: "/auth/login", search: { to: "/setup" } });
    if (!account.admin) throw redirect({ to: "/" });
  },
  component: lazyRouteComponent(() => import("./features/setup/setup")),
});

/** Everything behind the sign-in. */
const signedIn = createRoute({
  getParentRoute: () => rootRoute,
  id: "signed-in",
  beforeLoad: async ({ context: { client }, location }) => {
    const [setup, account] = await Promise.all([
      client.ensureQueryData(setupQuery),
      client.ensureQueryData(accountQuery),
    ]);
    if (setup.needed && setup.step === "account") throw redirect({ to: "/setup" });
    if (!account) {
      const search = location.href === "/" ? {} : { to: location.href };
      throw redirect({ to: "/auth/login", search });
    }
  },
});

const userShell = createRoute({
  getParentRoute: () => signedIn,
  id: "user",
  component: lazyRouteComponent(() => import("./shell/frames"), "UserFrame"),
});

const serverList = createRoute({
  getParentRoute: () => userShell,
  path: "/",
  validateSearch: (search): { search?: string; other?: boolean; group?: string } => ({
    ...(typeof search.search === "string" && search.search !== "" ? { search: search.search } : {}),
    ...(search.other === true ? { other: true } : {}),
    ...(typeof search.group === "string" && search.group !== "" ? { group: search.group } : {}),
  }),
  component: lazyRouteComponent(() => import("./features/servers/server-list")),
});

/** Everything below a server. */
const serverPages = createRoute({
  getParentRoute: () => signedIn,
  path: "/server/$server",
  component: lazyRouteComponent(() => import("./features/server/frame")),
});
const serverConsole = createRoute({
  getParentRoute: () => serverPages,
  path: "/",
  component: lazyRouteComponent(() => import("./features/console/server-page")),
});
const serverFiles = createRoute({
  getParentRoute: () => serverPages,
  path: "/files",
  validateSearch: readPlace,
  component: lazyRouteComponent(() => import("./features/files/files-page")),
});
const serverFile = createRoute({
  getParentRoute: () => serverPages,
  path: "/files/edit",
  validateSearch: (search): { path: string; line?: number } => ({
    path: typeof search.path === "string" ? search.path : "/",
    ...(typeof search.line === "number" && search.line > 0 ? { line: Math.floor(search.line) } : {}),
  }),
  component: lazyRouteComponent(() => import("./features/files/file-page")),
});
const pageSearch = (search: Record<string, unknown>): { page?: number } =>
  typeof search.page === "number" && search.page > 1 ? { page: Math.floor(search.page) } : {};
const listSearch = (search: Record<string, unknown>): { search?: string; page?: number } => ({
  ...(typeof search.search === "string" && search.search !== "" ? { search: search.search } : {}),
  ...pageSearch(search),
});
const serverSchedules = createRoute({
  getParentRoute: () => serverPages,
  path: "/schedules",
  validateSearch: listSearch,
  component: lazyRouteComponent(() => import("./features/schedules/schedules-page")),
});
const serverSchedule = createRoute({
  getParentRoute: () => serverPages,
  path: "/schedules/$schedule",
  component: lazyRouteComponent(() => import("./features/schedules/schedule-page")),
});
const serverBackups = createRoute({
  getParentRoute: () => serverPages,
  path: "/backups",
  validateSearch: (search): { group?: string; search?: string; page?: number } => ({
    ...(typeof search.group === "string" && search.group !== "" ? { group: search.group } : {}),
    ...listSearch(search),
  }),
  component: lazyRouteComponent(() => import("./features/backups/backups-page")),
});
const serverNetwork = createRoute({
  getParentRoute: () => serverPages,
  path: "/network",
  validateSearch: pageSearch,
  component: lazyRouteComponent(() => import("./features/network/network-page")),
});
const serverStartup = createRoute({
  getParentRoute: () => serverPages,
  path: "/startup",
  component: lazyRouteComponent(() => import("./features/startup/startup-page")),
});
const serverMounts = createRoute({
  getParentRoute: () => serverPages,
  path: "/mounts",
  validateSearch: pageSearch,
  component: lazyRouteComponent(() => import("./features/mounts/mounts-page")),
});
const serverSettings = createRoute({
  getParentRoute: () => serverPages,
  path: "/settings",
  component: lazyRouteComponent(() => import("./features/settings/settings-page")),
});

const serverPeople = createRoute({
  getParentRoute: () => serverPages,
  path: "/people",
  validateSearch: listSearch,
  component: lazyRouteComponent(() => import("./features/subusers/subusers-page")),
});
const serverActivity = createRoute({
  getParentRoute: () => serverPages,
  path: "/activity",
  validateSearch: listSearch,
  component: lazyRouteComponent(() => import("./features/activity/server-activity-page")),
});

/** The pages of the own account. */
const account = createRoute({
  getParentRoute: () => userShell,
  path: "/account",
  component: lazyRouteComponent(() => import("./features/account/frame")),
});
const accountProfile = createRoute({
  getParentRoute: () => account,
  path: "/",
  component: lazyRouteComponent(() => import("./features/account/profile-page")),
});
const accountSecurity = createRoute({
  getParentRoute: () => account,
  path: "/security",
  component: lazyRouteComponent(() => import("./features/account/security-page")),
});
const accountApiKeys = createRoute({
  getParentRoute: () => account,
  path: "/api-keys",
  validateSearch: listSearch,
  component: lazyRouteComponent(() => import("./features/account/api-keys-page")),
});
const accountSshKeys = createRoute({
  getParentRoute: () => account,
  path: "/ssh-keys",
  validateSearch: listSearch,
  component: lazyRouteComponent(() => import("./features/account/ssh-keys-page")),
});
const accountSnippets = createRoute({
  getParentRoute: () => account,
  path: "/snippets",
  validateSearch: listSearch,
  component: lazyRouteComponent(() => import("./features/account/snippets-page")),
});
const accountActivity = createRoute({
  getParentRoute: () => account,
  path: "/activity",
  validateSearch: listSearch,
  component: lazyRouteComponent(() => import("./features/account/activity-page")),
});

const adminShell = createRoute({
  getParentRoute: () => signedIn,
  id: "admin",
  beforeLoad: async ({ context: { client } }) => {
    const account = await client.ensureQueryData(accountQuery);
    if (!account?.admin) throw redirect({ to: "/" });
  },
  component: lazyRouteComponent(() => import("./shell/frames"), "AdminFrame"),
});

const overview = createRoute({
  getParentRoute: () => adminShell,
  path: "/admin",
  component: lazyRouteComponent(() => import("./features/admin/overview")),
});
const locations = createRoute({
  getParentRoute: () => adminShell,
  path: "/admin/locations",
  validateSearch: listSearch,
  component: lazyRouteComponent(() => import("./features/admin/locations")),
});
const nodes = createRoute({
  getParentRoute: () => adminShell,
  path: "/admin/nodes",
  validateSearch: listSearch,
  component: lazyRouteComponent(() => import("./features/admin/nodes")),
});
const newNode = createRoute({
  getParentRoute: () => adminShell,
  path: "/admin/nodes/new",
  component: lazyRouteComponent(() => import("./features/admin/node-new")),
});
const node = createRoute({
  getParentRoute: () => adminShell,
  path: "/admin/nodes/$node",
  validateSearch: (
    search,
  ): { tab?: "settings" | "configuration" | "allocations"; search?: string; page?: number } => ({
    ...(search.tab === "settings" || search.tab === "configuration" || search.tab === "allocations"
      ? { tab: search.tab }
      : {}),
    ...listSearch(search),
  }),
  component: lazyRouteComponent(() => import("./features/admin/node")),
});
const nests = createRoute({
  getParentRoute: () => adminShell,
  path: "/admin/nests",
  component: lazyRouteComponent(() => import("./features/admin/nests")),
});
const nest = createRoute({
  getParentRoute: () => adminShell,
  path: "/admin/nests/$nest",
  component: lazyRouteComponent(() => import("./features/admin/nest")),
});
const egg = createRoute({
  getParentRoute: () => adminShell,
  path: "/admin/nests/$nest/eggs/$egg",
  component: lazyRouteComponent(() => import("./features/admin/egg")),
});
const users = createRoute({
  getParentRoute: () => adminShell,
  path: "/admin/users",
  validateSearch: listSearch,
  component: lazyRouteComponent(() => import("./features/admin/users")),
});
const newUser = createRoute({
  getParentRoute: () => adminShell,
  path: "/admin/users/new",
  component: lazyRouteComponent(() => import("./features/admin/user"), "NewUserPage"),
});
const user = createRoute({
  getParentRoute: () => adminShell,
  path: "/admin/users/$user",
  component: lazyRouteComponent(() => import("./features/admin/user"), "UserPage"),
});
const adminServers = createRoute({
  getParentRoute: () => adminShell,
  path: "/admin/servers",
  validateSearch: listSearch,
  component: lazyRouteComponent(() => import("./features/admin/servers")),
});
const newServer = createRoute({
  getParentRoute: () => adminShell,
  path: "/admin/servers/new",
  component: lazyRouteComponent(() => import("./features/admin/server-new")),
});
const adminServer = createRoute({
  getParentRoute: () => adminShell,
  path: "/admin/servers/$server",
  component: lazyRouteComponent(() => import("./features/admin/server")),
});

const tree = rootRoute.addChildren([
  signIn,
  setupRoute,
  signedIn.addChildren([
    userShell.addChildren([
      serverList,
      account.addChildren([
        accountProfile,
        accountSecurity,
        accountApiKeys,
        accountSshKeys,
        accountSnippets,
        accountActivity,
      ]),
    ]),
    serverPages.addChildren([
      serverConsole,
      serverFiles,
      serverFile,
      serverSchedules,
      serverSchedule,
      serverBackups,
      serverNetwork,
      serverStartup,
      serverMounts,
      serverPeople,
      serverSettings,
      serverActivity,
    ]),
    adminShell.addChildren([
      overview,
      locations,
      nodes,
      newNode,
      node,
      nests,
      nest,
      egg,
      users,
      newUser,
      user,
      adminServers,
      newServer,
      adminServer,
    ]),
  ]),
]);

/** Makes the router; after each change of page the focus moves to the new page's heading. */
export function makeRouter(client: QueryClient) {
  const router = createRouter({
    routeTree: tree,
    context: { client },
    defaultPreload: "intent",
    defaultPreloadDelay: 150,
    defaultErrorComponent: CrashPage,
    scrollRestoration: true,
  });
  router.subscribe("onResolved", ({ pathChanged, fromLocation }) => {
    if (!pathChanged || !fromLocation) return;
    window.requestAnimationFrame(() => {
      if (document.activeElement instanceof HTMLInputElement) return;
      document.querySelector<HTMLElement>("[data-page-title]")?.focus({ preventScroll: true });
    });
  });
  return router;
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
