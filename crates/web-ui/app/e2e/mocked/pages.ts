import { adminServers, eggs, nest, nodes, servers, users } from "./fixtures";
import type { MockOptions } from "./mock";

const node = nodes[0]?.uuid;

/** Every page: the name of its pictures, its address, its heading and what the mock has to know. */
export const pages: [name: string, path: string, heading: string | RegExp, options?: MockOptions][] = [
  ["sign-in", "/auth/login", "Sign in", { signedIn: false }],
  ["setup-account", "/setup", "Administrator account", { signedIn: false, setup: "account" }],
  ["setup-location", "/setup", "Location", { setup: "location" }],
  ["setup-node", "/setup", "First node", { setup: "node" }],
  ["setup-connect", "/setup?step=connect", "Connect the node", { setup: "allocations" }],
  ["setup-allocations", "/setup?step=allocations", "Addresses", { setup: "allocations" }],
  ["setup-eggs", "/setup?step=eggs", "Eggs", { setup: "eggs" }],
  ["setup-server", "/setup?step=server", "First server", { setup: "server" }],
  ["setup-done", "/setup?step=done", "Ready", { setup: "server" }],
  ["servers", "/", "Servers"],
  ["servers-empty", "/", "Servers", { empty: true }],
  ["console", `/server/${servers[0]?.uuid_short}`, "Skyblock Evenings"],
  ["console-offline", `/server/${servers[0]?.uuid_short}`, "Skyblock Evenings", { power: "offline" }],
  ["console-installing", `/server/${servers[7]?.uuid_short}`, "All the Mods 10"],
  ["files", `/server/${servers[0]?.uuid_short}/files`, "Files"],
  ["files-empty", `/server/${servers[0]?.uuid_short}/files?path=/logs`, "Files"],
  ["files-gone", `/server/${servers[0]?.uuid_short}/files?path=/nowhere`, "Files"],
  [
    "file-editor",
    `/server/${servers[0]?.uuid_short}/files/edit?path=/config/paper-global.yml`,
    "paper-global.yml",
  ],
  ["file-image", `/server/${servers[0]?.uuid_short}/files/edit?path=/server-icon.png`, "server-icon.png"],
  [
    "file-binary",
    `/server/${servers[0]?.uuid_short}/files/edit?path=/paper-1.21.8-84.jar`,
    "paper-1.21.8-84.jar",
  ],
  ["admin-overview", "/admin", "Overview"],
  ["admin-locations", "/admin/locations", "Locations"],
  ["admin-nodes", "/admin/nodes", "Nodes"],
  ["admin-node-new", "/admin/nodes/new", "New node"],
  ["admin-node", `/admin/nodes/${node}`, "fra-01"],
  ["admin-node-settings", `/admin/nodes/${node}?tab=settings`, "fra-01"],
  ["admin-node-configuration", `/admin/nodes/${node}?tab=configuration`, "fra-01"],
  ["admin-node-allocations", `/admin/nodes/${node}?tab=allocations`, "fra-01"],
  ["admin-nests", "/admin/nests", "Nests and eggs"],
  ["admin-nest", `/admin/nests/${nest.uuid}`, "Minecraft"],
  ["admin-egg", `/admin/nests/${nest.uuid}/eggs/${eggs[0]?.uuid}`, "Paper"],
  ["admin-users", "/admin/users", "Users"],
  ["admin-user-new", "/admin/users/new", "New user"],
  ["admin-user", `/admin/users/${users[1]?.uuid}`, "second"],
  ["admin-servers", "/admin/servers", "Servers"],
  ["admin-server-new", "/admin/servers/new", "New server"],
  ["admin-server", `/admin/servers/${adminServers[0]?.uuid}`, "Skyblock Evenings"],
  ["not-found", "/nowhere", "This page does not exist"],
];
