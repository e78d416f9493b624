/** Canned backups of a server, and the groups they are in. */

const at = (daysAgo: number) => new Date(Date.UTC(2026, 10, 22, 4, 0) - daysAgo * 86_400_000).toISOString();

const nightly = "6a000000-0000-4000-8000-000000000001";

export const groups = [
  {
    uuid: nightly,
    name: "Nightly",
    retention_count: 7,
    retention_days: null,
    total_backups: 3,
    usable_backups: 2,
    usable_unlocked_backups: 2,
    created: at(90),
  },
];

const backup = (number: number, name: string, state: string, more: object = {}) => ({
  uuid: `bac00000-0000-4000-8000-00000000000${number}`,
  backup_group_uuid: null,
  name,
  ignored_files: [],
  is_successful: state === "successful",
  is_locked: false,
  is_browsable: false,
  is_streaming: false,
  checksum: state === "successful" ? "sha1:9f2c7be1aa40c31d8f02b6f2b2e1d1c5f7ab41ab" : null,
  bytes: state === "successful" ? 2_254_857_830 : 0,
  files: state === "successful" ? 14_208 : 0,
  metadata: {},
  deletion_status: null,
  state,
  error: null,
  completed: state === "creating" ? null : at(number),
  created: at(number),
  ...more,
});

export const backups = [
  backup(0, "Before the update", "creating"),
  backup(1, "Nightly, 22 Nov", "successful", { backup_group_uuid: nightly }),
  backup(2, "Nightly, 21 Nov", "successful", { backup_group_uuid: nightly, is_locked: true }),
  backup(3, "Nightly, 20 Nov", "failed", {
    backup_group_uuid: nightly,
    error: "no space left on device",
  }),
  backup(4, "World as it was when we began", "successful", { deletion_status: "deleting" }),
];
