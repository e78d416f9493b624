import type { Page, Route } from "@playwright/test";
import { backups, groups } from "./backups";
import { MockFiles } from "./files";
import {
  admin,
  adminServers,
  allocations,
  eggs,
  location,
  nest,
  nodes,
  resources,
  serverAddresses,
  serverMounts,
  servers,
  serverVariables,
  starterEggs,
  users,
  variables,
  yaml,
} from "./fixtures";
import {
  accountActivity,
  apiKeys,
  permissions as catalogue,
  serverGroups as groups_,
  serverActivity,
  sessions,
  snippets,
  sshKeys,
  subusers,
} from "./people";
import { schedules, steps } from "./schedules";

export interface MockOptions {
  signedIn?: boolean;
  setup?: string;
  empty?: boolean;
  /** What the daemon says of the server on the console's socket. */
  power?: "running" | "offline";
  /** The files of the servers; each page has its own without them. */
  files?: MockFiles;
  /** What the person may do on servers. */
  permissions?: string[];
  /** The language of the account. */
  language?: string;
  /** Whether signing in asks for a second factor. */
  twoFactor?: boolean;
}

/** Answers the page's requests with canned data, and its console socket with a small daemon. */
export async function mock(
  page: Page,
  {
    signedIn = true,
    setup = "finished",
    empty = false,
    power = "running",
    files = new MockFiles(),
    permissions = ["*"],
    language = "en",
    twoFactor = false,
  }: MockOptions = {},
) {
  const state = { signedIn, setup };
  const list = <T>(data: T[]) => ({
    data: empty ? [] : data,
    page: 1,
    per_page: 25,
    total: empty ? 0 : data.length,
  });
  const routes: [RegExp, (route: Route, match: RegExpExecArray) => unknown][] = [
    [/\/api\/setup\/finish$/, () => ({})],
    [
      /\/api\/setup$/,
      (route) => {
        if (route.request().method() === "POST") {
          state.signedIn = true;
          state.setup = "location";
          return { type: "completed", user: admin };
        }
        return { needed: state.setup !== "finished", step: state.setup };
      },
    ],
    [/\/api\/settings$/, () => ({ app: { name: "Roost" } })],
    [
      /\/api\/auth\/login$/,
      (route) => {
        const { password } = route.request().postDataJSON() as { password: string };
        if (password !== "correct horse")
          return new Response(401, { errors: ["invalid credentials"], request_id: "01JD6K2V" });
        if (twoFactor) return { type: "two_factor_required", user: admin, token: "rot_waiting" };
        state.signedIn = true;
        return { type: "completed", user: admin };
      },
    ],
    [
      /\/api\/auth\/login\/checkpoint$/,
      (route) => {
        const { code } = route.request().postDataJSON() as { code: string };
        if (code !== "123456" && code !== "abcde23456")
          return new Response(400, {
            errors: ["code is wrong"],
            fields: [{ field: "code", message: "is wrong, or was used already" }],
          });
        state.signedIn = true;
        return { user: admin };
      },
    ],
    [
      /\/api\/client\/account\/two-factor$/,
      (route) => {
        if (route.request().method() === "GET")
          return {
            secret: "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
            otp_url:
              "otpauth://totp/Roost:admin%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Roost",
          };
        if (route.request().method() === "DELETE") return {};
        return {
          recovery_codes: Array.from({ length: 10 }, (_, i) => `k7m2p9qa${(i + 22).toString()}`),
        };
      },
    ],
    [/\/api\/client\/permissions$/, () => catalogue],
    [/\/api\/client\/account\/sessions$/, () => ({ sessions: list(sessions), deleted: 1 })],
    [
      /\/api\/client\/account\/api-keys$/,
      () => ({
        api_keys: list(apiKeys),
        api_key: apiKeys[0],
        key: "roost_WholeKeyThatIsShownOnce0123456789",
      }),
    ],
    [/\/api\/client\/account\/ssh-keys\/import$/, () => ({ ssh_keys: sshKeys })],
    [/\/api\/client\/account\/ssh-keys$/, () => ({ ssh_keys: list(sshKeys), ssh_key: sshKeys[0] })],
    [
      /\/api\/client\/account\/command-snippets$/,
      () => ({ command_snippets: list(snippets), command_snippet: snippets[0] }),
    ],
    [/\/api\/client\/account\/activity$/, () => ({ activities: list(accountActivity) })],
    [/\/api\/client\/account\/(email|password)$/, () => ({})],
    [
      /\/api\/client\/account\/(sessions|api-keys|ssh-keys|command-snippets)\/.+$/,
      () => ({ key: "roost_new" }),
    ],
    [
      /\/api\/client\/servers\/groups$/,
      () => ({ server_groups: empty ? [] : groups_, server_group: groups_[0] }),
    ],
    [/\/api\/client\/servers\/groups\/order$/, () => ({})],
    [/\/api\/client\/servers\/groups\/[^/]+$/, () => ({ servers: list(servers.slice(0, 2)) })],
    [/\/api\/client\/servers\/eggs\/[^/]+\/command-snippets$/, () => ({ command_snippets: snippets })],
    [/\/api\/client\/servers\/eggs$/, () => ({ nest_eggs: list(eggs) })],
    [
      /\/api\/client\/servers\/[^/]+\/schedules$/,
      () => ({ schedules: list(schedules), schedule: schedules[0] }),
    ],
    [
      /\/api\/client\/servers\/[^/]+\/schedules\/[^/]+\/steps$/,
      () => ({ schedule_steps: empty ? [] : steps }),
    ],
    [
      /\/api\/client\/servers\/[^/]+\/schedules\/[^/]+\/status$/,
      () => ({ status: { running: false, step: null, errors: {} } }),
    ],
    [
      /\/api\/client\/servers\/[^/]+\/schedules\/([^/]+)$/,
      (_, m) => ({ schedule: schedules.find((s) => s.uuid === m[1]) ?? schedules[0] }),
    ],
    [/\/api\/client\/servers\/[^/]+\/schedules\/.+$/, () => ({})],
    [/\/api\/client\/servers\/[^/]+\/backups\/groups$/, () => ({ backup_groups: empty ? [] : groups })],
    [
      /\/api\/client\/servers\/[^/]+\/backups(\/groups\/[^/]+)?$/,
      () => ({ backups: list(backups), backup: backups[0] }),
    ],
    [/\/api\/client\/servers\/[^/]+\/backups\/.+$/, () => ({ url: "about:blank" })],
    [/\/api\/client\/servers\/[^/]+\/activity$/, () => ({ activities: list(serverActivity) })],
    [/\/api\/client\/servers\/[^/]+\/subusers$/, () => ({ subusers: list(subusers), subuser: subusers[0] })],
    [/\/api\/client\/servers\/[^/]+\/subusers\/.+$/, () => ({})],
    [
      /\/api\/client\/account$/,
      () =>
        state.signedIn ? { user: { ...admin, language } } : new Response(401, { errors: ["unauthorized"] }),
    ],
    [/\/api\/client\/account\/logout$/, () => ({})],
    [/\/api\/client\/servers$/, () => ({ servers: list(servers) })],
    [
      /\/api\/client\/servers\/([^/]+)\/websocket$/,
      (_, m) => ({ token: "t", url: `ws://127.0.0.1:4599/node/${m[1]}` }),
    ],
    [
      /\/api\/client\/servers\/([^/]+)\/resources$/,
      (_, m) => {
        const i = servers.findIndex((s) => s.uuid === m[1]);
        if (i === 5)
          return new Response(504, { errors: ["the node did not answer"], code: "node_unreachable" });
        return { resources: resources(i) };
      },
    ],
    [/\/api\/client\/servers\/[^/]+\/(power|command)$/, () => ({})],
    [/\/api\/client\/servers\/[^/]+\/allocations$/, () => ({ allocations: list(serverAddresses) })],
    [/\/api\/client\/servers\/[^/]+\/startup\/variables$/, () => ({ variables: serverVariables })],
    [/\/api\/client\/servers\/[^/]+\/mounts$/, () => ({ mounts: list(serverMounts) })],
    [/\/api\/client\/servers\/[^/]+\/(settings|startup|allocations|mounts)\/.+$/, () => ({})],
    [
      /\/api\/client\/servers\/([^/]+)$/,
      (_, m) => {
        const server = servers.find((s) => s.uuid === m[1] || s.uuid_short === m[1]);
        return server
          ? { server: { ...server, permissions } }
          : new Response(404, { errors: ["server not found"] });
      },
    ],
    [/\/api\/admin\/locations$/, () => ({ locations: list([location]), location })],
    [/\/api\/admin\/nodes$/, () => ({ nodes: list(nodes), node: nodes[0] })],
    [/\/api\/admin\/nodes\/[^/]+\/configuration$/, () => ({ yaml })],
    [
      /\/api\/admin\/nodes\/([^/]+)\/status$/,
      (_, m) =>
        m[1] === nodes[0]?.uuid
          ? { reachable: true, flavour: "calagopus", version: "0.22.12", last_seen: new Date().toISOString() }
          : { reachable: false, last_seen: "2026-11-18T09:30:00Z", error: "connection refused" },
    ],
    [
      /\/api\/admin\/nodes\/[^/]+\/allocations\/available$/,
      () => ({ allocations: list(allocations.slice(1)) }),
    ],
    [
      /\/api\/admin\/nodes\/[^/]+\/allocations$/,
      () => ({ allocations: list(allocations), created: 11, deleted: 1, skipped: 0 }),
    ],
    [/\/api\/admin\/nodes\/([^/]+)$/, (_, m) => ({ node: nodes.find((n) => n.uuid === m[1]) })],
    [/\/api\/admin\/eggs\/starter$/, () => ({ starter_eggs: starterEggs, installed: ["vanilla"] })],
    [/\/api\/admin\/nests$/, () => ({ nests: list([nest]), nest })],
    [/\/api\/admin\/nests\/[^/]+\/eggs$/, () => ({ eggs: list(eggs) })],
    [
      /\/api\/admin\/nests\/[^/]+\/eggs\/import$/,
      () => ({
        egg: eggs[0],
        notes: [
          { path: "/meta/update_url", kind: "dropped", message: "“update_url” is not kept." },
          { path: "/variables", kind: "changed", message: "Two variables have rules as lists." },
        ],
      }),
    ],
    [/\/api\/admin\/nests\/[^/]+\/eggs\/[^/]+\/variables$/, () => ({ variables })],
    [/\/api\/admin\/nests\/[^/]+\/eggs\/([^/]+)$/, (_, m) => ({ egg: eggs.find((e) => e.uuid === m[1]) })],
    [/\/api\/admin\/nests\/[^/]+$/, () => ({ nest })],
    [/\/api\/admin\/users$/, () => ({ users: list(users) })],
    [/\/api\/admin\/users\/([^/]+)$/, (_, m) => ({ user: users.find((u) => u.uuid === m[1]) })],
    [/\/api\/admin\/roles$/, () => ({ roles: { data: [], page: 1, per_page: 25, total: 0 } })],
    [/\/api\/admin\/servers$/, () => ({ servers: list(adminServers), server: adminServers[7] })],
    [/\/api\/admin\/servers\/([^/]+)$/, (_, m) => ({ server: adminServers.find((s) => s.uuid === m[1]) })],
  ];
  await page.route("**/api/**", async (route) => {
    const path = new URL(route.request().url()).pathname;
    if (/^\/api\/client\/servers\/[^/]+\/files\//.test(path)) {
      await files.answer(route);
      return;
    }
    for (const [pattern, answer] of routes) {
      const match = pattern.exec(path);
      if (!match) continue;
      const body = await answer(route, match);
      if (body instanceof Response) await route.fulfill({ status: body.status, json: body.body });
      else await route.fulfill({ json: body });
      return;
    }
    await route.fulfill({ status: 404, json: { errors: [`no canned answer for ${path}`] } });
  });
  await files.serve(page);
  await daemon(page, power);
  return state;
}

class Response {
  constructor(
    readonly status: number,
    readonly body: unknown,
  ) {}
}

const log = [
  "\x1b[32m[14:17:52 INFO]:\x1b[0m Starting org.bukkit.craftbukkit.Main",
  "\x1b[32m[14:17:53 INFO]:\x1b[0m [\x1b[36mbootstrap\x1b[0m] Running Java 21.0.8 on Linux 6.12.9 (amd64)",
  "\x1b[32m[14:17:54 INFO]:\x1b[0m [\x1b[36mPluginInitializerManager\x1b[0m] Initialized 14 plugins",
  "\x1b[33m[14:18:00 WARN]: [WorldEdit] Newer than the server, some blocks may be missing\x1b[0m",
  "\x1b[32m[14:18:02 INFO]:\x1b[0m Starting minecraft server version 1.21.8",
  "\x1b[31m[14:18:03 ERROR]: [Vault] Could not reach update server: Read timed out\x1b[0m",
  '\x1b]0;hostile title\x07\x1b[32m[14:18:06 INFO]:\x1b[0m Preparing level \x1b[38;5;114m"skyblock"\x1b[0m',
  '\x1b[32m[14:18:11 INFO]: Done (9.214s)! For help, type "help"\x1b[0m',
];

/** A console that replays a log, echoes commands and reports figures; of a server that is offline there is nothing to tell. */
async function daemon(page: Page, power: "running" | "offline"): Promise<void> {
  await page.routeWebSocket(/\/node\//, (socket) => {
    const send = (event: string, ...args: string[]) => socket.send(JSON.stringify({ event, args }));
    let tx = 0;
    socket.onMessage((raw) => {
      const { event, args } = JSON.parse(String(raw)) as { event: string; args: string[] };
      if (event === "auth") {
        send("auth success", "*");
        send("status", power);
        if (power === "offline") return;
        let n = 0;
        const figures = () => {
          n += 1;
          tx += 200_000 + Math.random() * 60_000;
          send(
            "stats",
            JSON.stringify({
              ...resources(0),
              cpu_absolute: 60 + 30 * Math.sin(n / 3) + Math.random() * 10,
              network: { rx_bytes: tx / 4, tx_bytes: tx, rx_packets: 0, tx_packets: 0 },
            }),
          );
        };
        figures();
        const timer = setInterval(figures, 250);
        socket.onClose(() => clearInterval(timer));
      }
      if (event === "send logs" && power === "running") for (const line of log) send("console output", line);
      if (event === "ping") send("pong", ...args);
      if (event === "send command") {
        send("console output", `> ${args[0]}`);
        if (args[0] === "drop") void socket.close({ code: 1011 });
        else send("console output", "There are 0 of a max of 20 players online:");
      }
    });
  });
}
