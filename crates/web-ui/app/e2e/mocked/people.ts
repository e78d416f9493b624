/** Canned answers about the own account and the people of a server. */

const at = (daysAgo: number) => new Date(Date.UTC(2026, 10, 18, 9, 30) - daysAgo * 86_400_000).toISOString();

export const permissions = {
  server_permissions: {
    control: {
      description: "The console and the power state",
      permissions: {
        "read-console": "Read the console",
        console: "Send commands",
        start: "Start the server",
        stop: "Stop the server",
        restart: "Restart the server",
      },
    },
    files: {
      description: "The files of the server",
      permissions: {
        read: "List files and folders",
        "read-content": "Read the content of files",
        create: "Create files and folders",
        update: "Change files",
        delete: "Delete files",
        sftp: "Connect over SFTP",
      },
    },
    backups: {
      description: "Copies of the server",
      permissions: {
        read: "See backups",
        create: "Make backups",
        restore: "Restore backups",
        delete: "Delete backups",
      },
    },
  },
  user_permissions: {
    account: {
      description: "The own account",
      permissions: {
        infos: "Change name, language and other details of the profile",
        email: "Change the e-mail address",
        password: "Change the password",
      },
    },
    servers: {
      description: "The own servers and groups",
      permissions: { read: "See the own servers and groups", create: "Create groups of servers" },
    },
  },
  admin_permissions: {
    nodes: {
      description: "Machines that run servers",
      permissions: { read: "See nodes", create: "Add nodes", update: "Change nodes", delete: "Delete nodes" },
    },
  },
};

export const sessions = [
  {
    uuid: "5e550000-0000-4000-8000-000000000001",
    ip: "203.0.113.7",
    user_agent: "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0",
    is_using: true,
    last_used: at(0),
    created: at(3),
  },
  {
    uuid: "5e550000-0000-4000-8000-000000000002",
    ip: "2001:db8::42",
    user_agent:
      "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1",
    is_using: false,
    last_used: at(2),
    created: at(20),
  },
];

export const apiKeys = [
  {
    uuid: "a9100000-0000-4000-8000-000000000001",
    name: "Billing",
    key_start: "roost_Ab3dEf9hIj",
    allowed_ips: ["198.51.100.0/24"],
    user_permissions: [],
    server_permissions: ["control.start", "control.stop"],
    admin_permissions: ["nodes.read"],
    last_used: at(1),
    expires: null,
    created: at(90),
  },
  {
    uuid: "a9100000-0000-4000-8000-000000000002",
    name: "Discord bot",
    key_start: "roost_Zx8wVu7tSr",
    allowed_ips: [],
    user_permissions: ["servers.read"],
    server_permissions: ["control.read-console"],
    admin_permissions: [],
    last_used: null,
    expires: at(10),
    created: at(40),
  },
];

export const serverGroups = [
  {
    uuid: "96000000-0000-4000-8000-000000000001",
    name: "Survival",
    order: 0,
    server_order: [],
    created: at(30),
  },
  {
    uuid: "96000000-0000-4000-8000-000000000002",
    name: "For the weekend",
    order: 1,
    server_order: [],
    created: at(20),
  },
];

export const sshKeys = [
  {
    uuid: "55480000-0000-4000-8000-000000000001",
    name: "Laptop",
    fingerprint: "SHA256:Qm9vc3QgaXMgYSBwYW5lbCBmb3IgZ2FtZSBzZXJ2ZXJz",
    created: at(12),
  },
];

export const snippets = [
  {
    uuid: "c0de0000-0000-4000-8000-000000000001",
    name: "Save the world",
    command: "save-all flush",
    eggs: [],
    all_eggs: true,
    created: at(5),
  },
  {
    uuid: "c0de0000-0000-4000-8000-000000000002",
    name: "Warn before restart",
    command: "say The server restarts in five minutes. Please find a safe place and log out.",
    eggs: ["e6600000-0000-4000-8000-000000000001"],
    all_eggs: false,
    created: at(4),
  },
];

export const accountActivity = [
  { event: "auth:success", ip: "203.0.113.7", data: { using: "two-factor" }, is_api: false, created: at(0) },
  {
    event: "user:api-key.create",
    ip: "203.0.113.7",
    data: { uuid: "a9100000-0000-4000-8000-000000000001", name: "Billing" },
    is_api: false,
    created: at(1),
  },
  { event: "extension:thing.happen", ip: null, data: {}, is_api: true, created: at(2) },
];

const person = (username: string, totp_enabled = false) => ({
  uuid: `be0b0000-0000-4000-8000-${username.length.toString().padStart(12, "0")}`,
  username,
  avatar: null,
  totp_enabled,
  created: at(200),
});

export const serverActivity = [
  {
    event: "server:file.rename",
    user: person("maya"),
    impersonator: null,
    ip: "203.0.113.9",
    data: { directory: "/plugins", files: ["Essentials.jar", "EssentialsX.jar"] },
    is_api: false,
    is_schedule: false,
    created: at(0),
  },
  {
    event: "server:backup.create",
    user: person("maya"),
    impersonator: null,
    ip: null,
    data: { name: "Nightly 2026-11-18" },
    is_api: false,
    is_schedule: true,
    created: at(0.5),
  },
  {
    event: "server:power.restart",
    user: person("tomas"),
    impersonator: person("admin"),
    ip: "198.51.100.77",
    data: {},
    is_api: true,
    is_schedule: false,
    created: at(1),
  },
  {
    event: "server:install-complete",
    user: null,
    impersonator: null,
    ip: null,
    data: {},
    is_api: false,
    is_schedule: false,
    created: at(30),
  },
];

export const subusers = [
  {
    user: person("maya", true),
    permissions: ["control.read-console", "control.console", "files.read"],
    ignored_files: [],
    created: at(60),
  },
  {
    user: person("tomas-of-the-north"),
    permissions: ["control.start"],
    ignored_files: ["secrets/", "*.key"],
    created: at(3),
  },
];
