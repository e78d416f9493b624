/** Canned schedules of a server. */

const at = (days: number) => new Date(Date.UTC(2026, 10, 22, 3, 30) + days * 86_400_000).toISOString();

export const schedules = [
  {
    uuid: "5c4ed000-0000-4000-8000-000000000001",
    name: "Nightly restart and backup",
    enabled: true,
    triggers: [{ type: "cron", schedule: "30 4 * * *" }],
    condition: { type: "server_state", state: "running" },
    last_run: at(0),
    last_failure: null,
    last_missed: null,
    next_run: at(1),
    created: at(-90),
  },
  {
    uuid: "5c4ed000-0000-4000-8000-000000000002",
    name: "Come back after a crash",
    enabled: false,
    triggers: [{ type: "crash" }, { type: "server_state", state: "offline" }],
    condition: { type: "none" },
    last_run: at(-3),
    last_failure: at(-3),
    last_missed: at(-1),
    next_run: null,
    created: at(-20),
  },
];

const step = (number: number, action: object, error: string | null = null) => ({
  uuid: `57e90000-0000-4000-8000-00000000000${number}`,
  action,
  order: number - 1,
  error,
  created: at(-90),
});

export const steps = [
  step(1, {
    type: "send_command",
    ignore_failure: false,
    command: "say Restart in 5 minutes. Find a safe place!",
  }),
  step(2, { type: "sleep", duration: 300_000 }),
  step(3, { type: "send_power", ignore_failure: false, action: "stop" }),
  step(
    4,
    {
      type: "create_backup",
      ignore_failure: true,
      foreground: true,
      name: null,
      backup_group_uuid: null,
      ignored_files: [],
    },
    "all backups are used",
  ),
  step(5, {
    type: "http_request",
    ignore_failure: true,
    method: "post",
    url: "https://example.com/hook",
    timeout: 10_000,
  }),
];
