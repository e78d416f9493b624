import type { Resources, Server } from "@/api/queries";
import type { ServerState } from "@/ui/state-mark";

/** What is known of a server's live figures: not asked yet, the answer, or that the node gave none. */
export type Live = Resources | "unreachable" | undefined;

/** The parts of a server that decide its state; both the client's and the admin's answers have them. */
export interface StateSource {
  status?: unknown;
  is_suspended: boolean;
  is_transferring: boolean;
}

/** The state to show, or undefined while it is not known yet. What the panel itself knows goes before live figures. */
export function stateOf(server: StateSource, live: Live): ServerState | undefined {
  if (server.is_suspended) return "suspended";
  if (server.is_transferring) return "transferring";
  const status = typeof server.status === "string" ? server.status.toLowerCase() : null;
  if (status === "installing" || status === "restoring_backup") return "installing";
  if (status === "install_failed" || status === "reinstall_failed" || status === "backup_restore_failed")
    return "failed";
  if (live === "unreachable") return "unreachable";
  return live?.state;
}

/** Whether power actions and commands make sense at all. */
export function isUsable(state: ServerState | undefined): boolean {
  return state === "running" || state === "starting" || state === "stopping" || state === "offline";
}

/** Whether the person may do this on the server; `*` and `control.*` stand for everything below them. */
export function can(server: Pick<Server, "permissions">, permission: string): boolean {
  const area = permission.slice(0, permission.lastIndexOf("."));
  return server.permissions.some((p) => p === "*" || p === permission || p === `${area}.*`);
}
