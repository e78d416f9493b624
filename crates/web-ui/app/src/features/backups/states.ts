import type { Server } from "@/api/queries";
import { can } from "@/features/servers/state";
import type { Backup } from "./requests";

type Known = Pick<Backup, "state" | "deletion_status">;

/** Whether something still happens to a backup. */
export function isBusy({ state, deletion_status }: Known): boolean {
  return (
    state === "creating" || state === "verifying" || (deletion_status != null && deletion_status !== "failed")
  );
}

/** Whether a backup can be put back and downloaded. */
export function isUsable(backup: Known): boolean {
  return backup.state === "successful" && !isBusy(backup);
}

/** One pattern a line; empty lines say nothing. */
export function patterns(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
}

/** A count that may be left out; undefined where it is no count. */
export function count(text: string, most: number): number | null | undefined {
  if (text.trim() === "") return null;
  const value = Number(text);
  return Number.isInteger(value) && value >= 1 && value <= most ? value : undefined;
}

/** What a person may do with the backups of a server. */
export interface Rights {
  create: boolean;
  update: boolean;
  delete: boolean;
  restore: boolean;
  download: boolean;
  /** How the server starts belongs to other permissions. */
  startup: boolean;
}

export function rightsOf(server: Pick<Server, "permissions">): Rights {
  return {
    create: can(server, "backups.create"),
    update: can(server, "backups.update"),
    delete: can(server, "backups.delete"),
    restore: can(server, "backups.restore"),
    download: can(server, "backups.download"),
    startup: ["startup.update", "startup.command", "startup.docker-image"].every((p) => can(server, p)),
  };
}
