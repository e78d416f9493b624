import type { UseQueryResult } from "@tanstack/react-query";
import { asFailure } from "@/api/error";
import type { Resources, Server } from "@/api/queries";
import type { ServerState } from "@/ui/state-mark";

/** What is known of a server's live figures: not asked yet, the answer, or that the node gave none. */
export type Live = Resources | "unreachable" | undefined;

/** Reads the answer to the question for a server's figures. Only the node's silence means "unreachable": what else goes wrong says nothing of it. */
export function liveOf(figures: Pick<UseQueryResult<Resources>, "data" | "error">): Live {
  return figures.error && asFailure(figures.error).code === "node_unreachable" ? "unreachable" : figures.data;
}

/** The parts of a server that decide its state; both the client's and the admin's answers have them. */
export interface StateSource {
  status?: unknown;
  is_suspended: boolean;
  is_transferring: boolean;
  /** The power state that the panel was told last; it may be old. */
  power_state?: Resources["state"] | null;
}

/** The state that the panel itself decides, whatever the node says; undefined when only the node knows. */
export function panelState(server: StateSource): ServerState | undefined {
  if (server.is_suspended) return "suspended";
  if (server.is_transferring) return "transferring";
  const status = typeof server.status === "string" ? server.status.toLowerCase() : null;
  if (status === "installing" || status === "restoring_backup") return "installing";
  if (status === "install_failed" || status === "reinstall_failed" || status === "backup_restore_failed")
    return "failed";
  return undefined;
}

/** The state to show, or undefined while nobody knows it. Until the node answers, the last known one stands. */
export function stateOf(server: StateSource, live: Live): ServerState | undefined {
  const own = panelState(server);
  if (own) return own;
  if (live === "unreachable") return "unreachable";
  return live?.state ?? server.power_state ?? undefined;
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
