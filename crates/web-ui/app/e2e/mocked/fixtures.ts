import type {
  Account,
  AdminServer,
  Egg,
  EggVariable,
  Location,
  Nest,
  Node,
  Resources,
  Server,
  User,
} from "../../src/api/queries";
import type { Mount } from "../../src/features/mounts/requests";
import type { Address } from "../../src/features/network/requests";
import type { Variable } from "../../src/features/startup/requests";

const created = "2026-11-18T09:30:00Z";
const uuid = (n: number) => `0000000${n.toString(16)}-aaaa-4bbb-8ccc-00000000000${n.toString(16)}`.slice(-36);

export const admin: Account = {
  uuid: uuid(1),
  username: "operator",
  email: "operator@example.net",
  name_first: "Panel",
  name_last: "Operator",
  admin: true,
  avatar: null,
  created,
  frozen: false,
  has_password: true,
  language: "en",
  require_two_factor: false,
  role: null,
  start_on_grouped_servers: false,
  suspended: false,
  toast_position: "bottom_right",
  totp_enabled: false,
  totp_last_used: null,
};

export const location: Location = {
  uuid: uuid(2),
  name: "Frankfurt",
  description: "Two racks near the exchange",
  flag: null,
  created,
  backup_configuration: null,
};

const node = (n: number, name: string): Node => ({
  uuid: uuid(n),
  name,
  description: null,
  created,
  location,
  url: `https://${name}.example.net:8080`,
  public_url: null,
  sftp_host: null,
  sftp_port: 2022,
  memory: 128 * 1024,
  disk: 1900 * 1024,
  deployment_enabled: true,
  maintenance_enabled: false,
  backup_configuration: null,
});

export const nodes = [node(3, "fra-01"), node(4, "fra-02")];

export const nest: Nest = {
  uuid: uuid(5),
  name: "Minecraft",
  author: "Roost",
  description: "Java and Bedrock servers",
  created,
};

const egg = (n: number, name: string, description: string): Egg => ({
  uuid: uuid(n),
  name,
  author: "eggs@example.net",
  description,
  created,
  config_files: [{ file: "server.properties", parser: "properties", replace: [], create_new: true }],
  config_script: {
    container: "debian:bookworm-slim",
    entrypoint: "bash",
    content: '#!/bin/bash\nset -e\ncd /mnt/server\ncurl -sSLo server.jar "$DOWNLOAD_URL"\n',
  },
  config_startup: { done: [")! For help, type "], strip_ansi: false },
  config_stop: { type: "command", value: "stop" },
  docker_images: { "Java 21": "ghcr.io/example/java:21", "Java 17": "ghcr.io/example/java:17" },
  startup_commands: { Default: "java -Xms128M -Xmx{{SERVER_MEMORY}}M -jar {{SERVER_JARFILE}}" },
  features: ["eula", "java_version"],
  file_denylist: [],
  force_outgoing_ip: false,
  separate_port: false,
});

export const eggs = [
  egg(6, "Paper", "High performance Minecraft server that fixes gameplay inconsistencies."),
  egg(7, "Vanilla", "The game’s own server."),
  egg(8, "Velocity", "A fast proxy in front of several servers."),
];

export const variables: EggVariable[] = [
  {
    uuid: uuid(9),
    name: "Minecraft version",
    env_variable: "MINECRAFT_VERSION",
    description: "The version to download, or “latest”.",
    description_translations: {},
    name_translations: {},
    default_value: "latest",
    rules: ["nullable", "string", "max:20"],
    order: 1,
    is_secret: false,
    user_editable: true,
    user_viewable: true,
    created,
  },
  {
    uuid: uuid(10),
    name: "Server jar file",
    env_variable: "SERVER_JARFILE",
    description: "The name of the jar file to run.",
    description_translations: {},
    name_translations: {},
    default_value: "server.jar",
    rules: ["required", "regex:/^([\\w\\d._-]+)(\\.jar)$/"],
    order: 2,
    is_secret: false,
    user_editable: true,
    user_viewable: true,
    created,
  },
  {
    uuid: uuid(11),
    name: "Accept snapshots",
    env_variable: "SNAPSHOTS",
    description: null,
    description_translations: {},
    name_translations: {},
    default_value: "0",
    rules: ["required", "boolean"],
    order: 3,
    is_secret: false,
    user_editable: true,
    user_viewable: true,
    created,
  },
];

const allocation = (n: number, port: number): NonNullable<Server["allocation"]> => ({
  uuid: uuid(n),
  ip: "203.0.113.9",
  ip_alias: null,
  port,
  is_primary: true,
  notes: null,
  created,
});

const names = [
  "Skyblock Evenings",
  "Ashlands",
  "Monthly Wipe",
  "Knox County",
  "Factorio Megabase",
  "Creative Plots",
  "Lobby and Proxy",
  "All the Mods 10",
  "Palworld",
];
const statuses: Record<number, Server["status"]> = { 4: "install_failed", 7: "installing" };

export const servers: Server[] = names.map((name, i) => ({
  uuid: `00000${i}10-aaaa-4bbb-8ccc-000000000010`,
  uuid_short: `00000${i}10`,
  name,
  description: null,
  created,
  allocation: allocation(12, 25565 + i),
  auto_kill: { enabled: false, seconds: 30 },
  auto_start_behavior: "never",
  egg: {
    uuid: uuid(6),
    name: i % 2 ? "Vanilla" : "Paper",
    description: null,
    created,
    docker_images: { "Java 21": "ghcr.io/example/java:21", "Java 17": "ghcr.io/example/java:17" },
    features: [],
    separate_port: false,
    startup_commands: {
      Default: "java -Xms128M -Xmx{{SERVER_MEMORY}}M -jar {{SERVER_JARFILE}}",
      "Little memory": "java -Xmx512M -jar {{SERVER_JARFILE}}",
    },
  },
  egg_configuration: {},
  feature_limits: { allocations: 4, backups: 3, databases: 0, schedules: 10 },
  image: "ghcr.io/example/java:21",
  is_owner: true,
  is_suspended: i === 8,
  is_transferring: false,
  limits: { cpu: 200, memory: 8192, disk: 30720, swap: 0 },
  location_flag: null,
  location_name: "Frankfurt",
  location_uuid: location.uuid,
  node_maintenance_enabled: false,
  node_name: i === 5 ? "fra-02" : "fra-01",
  node_uuid: nodes[0]?.uuid ?? "",
  permissions: ["*"],
  sftp_host: "fra-01.example.net",
  sftp_port: 2022,
  startup: "java -Xms128M -Xmx{{SERVER_MEMORY}}M -jar {{SERVER_JARFILE}}",
  status: statuses[i] ?? null,
  timezone: null,
}));

const GIB = 1024 ** 3;

export function resources(i: number): Resources {
  const state = i === 2 ? "starting" : i === 3 ? "offline" : "running";
  return {
    state,
    cpu_absolute: state === "offline" ? 0 : 38 + Math.random() * 20 + (i === 2 ? 130 : 0),
    cpu_limit_absolute: 200,
    memory_bytes: state === "offline" ? 0 : (i === 2 ? 6.8 : 5.1) * GIB,
    memory_limit_bytes: 8 * GIB,
    disk_bytes: (18 - i) * GIB,
    network: { rx_bytes: 0, rx_packets: 0, tx_bytes: 0, tx_packets: 0 },
    uptime: state === "offline" ? 0 : 187_000_000 / (i + 1),
  };
}

export const adminServers: AdminServer[] = servers.map((s) => ({
  ...s,
  backup_configuration: null,
  external_id: null,
  hugepages_passthrough_enabled: false,
  kvm_passthrough_enabled: false,
  pinned_cpus: [],
  egg: eggs[0] as Egg,
  nest,
  node: nodes[0] as Node,
  owner: { ...admin, external_id: null },
  limits: { ...s.limits, io_weight: null, memory_overhead: 0 },
}));

export const users: User[] = [
  { ...admin, external_id: null },
  {
    ...admin,
    external_id: null,
    uuid: uuid(13),
    username: "second",
    email: "second@example.net",
    name_first: "Second",
    name_last: "Person",
    admin: false,
    totp_enabled: true,
  },
  {
    ...admin,
    external_id: null,
    uuid: uuid(14),
    username: "paused",
    email: "paused@example.net",
    admin: false,
    suspended: true,
  },
];

export const allocations = [25565, 25566, 25567, 25568].map((port, i) => ({
  ...allocation(20 + i, port),
  ip_alias: i === 0 ? "play.example.net" : null,
  server: i === 0 ? adminServers[0] : null,
}));

export const yaml = `uuid: ${nodes[0]?.uuid}
token_id: rst_id_4fKq
token: rst_node_9wQzH3mPdLx0aVt7
remote: https://panel.example.net
api:
  host: 0.0.0.0
  port: 8080
  ssl:
    enabled: true
    cert: /etc/letsencrypt/live/fra-01.example.net/fullchain.pem
    key: /etc/letsencrypt/live/fra-01.example.net/privkey.pem
system:
  data: /var/lib/wings/volumes
  sftp:
    bind_port: 2022
`;

export const starterEggs = [
  ["paper", "Minecraft", "Paper", "Minecraft: Java Edition with the Paper server."],
  ["vanilla", "Minecraft", "Vanilla", "Minecraft: Java Edition with the game’s own server."],
  ["velocity", "Minecraft", "Velocity", "A proxy that joins several Minecraft servers."],
  ["bedrock", "Minecraft", "Bedrock", "Minecraft: Bedrock Edition."],
  ["process", "Generic", "Process", "Any program in a container."],
].map(([slug, nestName, name, description], i) => ({
  slug: slug ?? "",
  nest: nestName ?? "",
  name: name ?? "",
  description: description ?? "",
  installed: i === 0,
}));

export const serverAddresses: Address[] = [25565, 25570, 8123].map((port, i) => ({
  ...allocation(30 + i, port),
  is_primary: i === 0,
  notes: i === 1 ? "Voice chat" : i === 2 ? "Map in the browser" : null,
}));

export const serverVariables: Variable[] = variables.map(({ uuid: _, order, user_editable, ...v }) => ({
  name: v.name,
  name_translations: {},
  description: v.description ?? null,
  description_translations: {},
  env_variable: v.env_variable,
  default_value: v.default_value ?? null,
  value: order === 1 ? "1.21.8" : (v.default_value ?? ""),
  is_editable: user_editable && order !== 3,
  is_secret: v.is_secret,
  rules: v.rules,
  created,
}));

export const serverMounts: Mount[] = ["Shared maps", "Resource packs"].map((name, i) => ({
  uuid: uuid(40 + i),
  name,
  description: i === 0 ? "The same maps for all lobby servers" : null,
  target: i === 0 ? "/home/container/maps" : "/home/container/packs",
  read_only: i === 0,
  created: i === 0 ? created : null,
}));
