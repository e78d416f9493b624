import type { QueryClient } from "@tanstack/react-query";
import { create } from "zustand";
import { type ApiFailure, asFailure } from "@/api/error";
import { join } from "./paths";
import { createDirectory, sendFile, uploadLink } from "./requests";

/** Files that are sent at the same time. */
const PARALLEL = 4;

export type UploadState = "waiting" | "sending" | "done" | "failed" | "cancelled";

export interface Upload {
  id: number;
  server: string;
  /** The directory that it was dropped on. */
  root: string;
  /** The directories between, which came with it. */
  below: string;
  file: File;
  sent: number;
  state: UploadState;
  failure?: ApiFailure;
}

/** A file on its way into a directory: the path below the directory that it was dropped on. */
export interface Incoming {
  /** Directories between, such as `maps/arena`; empty when it lies there directly. */
  below: string;
  file: File;
}

interface Uploads {
  list: readonly Upload[];
  /** When the first of those that are listed began. */
  since: number;
}

export const useUploads = create<Uploads>()(() => ({ list: [], since: 0 }));

const controllers = new Map<number, AbortController>();
/** Directories that were made already, so that each is asked for once. */
const made = new Map<string, Promise<unknown>>();
let last = 0;
let client: QueryClient | undefined;

function change(id: number, by: Partial<Upload>): void {
  useUploads.setState(({ list }) => ({ list: list.map((u) => (u.id === id ? { ...u, ...by } : u)) }));
}

const isOpen = ({ state }: Upload) => state === "waiting" || state === "sending";

/** Whether anything is still on its way. */
export function uploading(list: readonly Upload[]): boolean {
  return list.some(isOpen);
}

/** Puts files into the queue, and makes the directories that come with them, even the empty ones. */
export function upload(
  cache: QueryClient,
  server: string,
  root: string,
  files: readonly Incoming[],
  folders: readonly string[],
): void {
  client = cache;
  const fresh = files.map(({ below, file }): Upload => {
    last += 1;
    return { id: last, server, root, below, file, sent: 0, state: "waiting" };
  });
  useUploads.setState(({ list, since }) => ({
    list: [...(uploading(list) ? list : []), ...fresh],
    since: uploading(list) ? since : Date.now(),
  }));
  const empty = folders.filter((folder) => !files.some((f) => f.below === folder));
  void Promise.allSettled(empty.map((folder) => directoryOf(server, root, folder))).then(() =>
    refresh(server, root),
  );
  pump();
}

function directoryOf(server: string, root: string, name: string): Promise<unknown> {
  const key = `${server}:${join(root, name)}`;
  const known = made.get(key);
  if (known) return known;
  const making = createDirectory(server, root, name);
  made.set(key, making);
  making.catch(() => made.delete(key));
  return making;
}

function refresh(server: string, directory: string): void {
  void client?.invalidateQueries({ queryKey: ["files", server, "list", directory] });
}

function pump(): void {
  const { list } = useUploads.getState();
  let free = PARALLEL - list.filter((u) => u.state === "sending").length;
  for (const next of list) {
    if (free <= 0) break;
    if (next.state !== "waiting") continue;
    free -= 1;
    change(next.id, { state: "sending", sent: 0 });
    void send(next);
  }
}

async function send({ id, server, root, below, file }: Upload): Promise<void> {
  const controller = new AbortController();
  controllers.set(id, controller);
  let shown = 0;
  try {
    if (below !== "") await directoryOf(server, root, below);
    const link = await uploadLink(server);
    controller.signal.throwIfAborted();
    await sendFile(link, join(root, below), file, controller.signal, (sent) => {
      const now = performance.now();
      if (now - shown < 100) return;
      shown = now;
      change(id, { sent: Math.min(sent, file.size) });
    });
    change(id, { state: "done", sent: file.size });
  } catch (error) {
    if (controller.signal.aborted) change(id, { state: "cancelled" });
    else change(id, { state: "failed", failure: asFailure(error) });
  } finally {
    controllers.delete(id);
    refresh(server, root);
    if (below !== "") refresh(server, join(root, below));
    pump();
  }
}

export function cancelUpload(id: number): void {
  const controller = controllers.get(id);
  if (controller) controller.abort();
  else change(id, { state: "cancelled" });
}

export function cancelUploads(): void {
  for (const { id } of useUploads.getState().list.filter(isOpen)) cancelUpload(id);
}

export function retryUpload(id: number): void {
  useUploads.setState(({ list }) => ({
    list: list.map((u) => {
      if (u.id !== id) return u;
      const { failure: _, ...rest } = u;
      return { ...rest, state: "waiting", sent: 0 };
    }),
  }));
  pump();
}

export function clearUploads(): void {
  useUploads.setState(({ list }) => ({ list: list.filter(isOpen) }));
}

/** Sums over everything that is listed; what was cancelled or failed counts no longer. */
export function progressOf(list: readonly Upload[]): {
  sent: number;
  total: number;
  done: number;
  count: number;
} {
  const counted = list.filter((u) => u.state !== "cancelled" && u.state !== "failed");
  return {
    sent: counted.reduce((sum, u) => sum + u.sent, 0),
    total: counted.reduce((sum, u) => sum + u.file.size, 0),
    done: counted.filter((u) => u.state === "done").length,
    count: counted.length,
  };
}

// What is on its way is lost with the tab.
window.addEventListener("beforeunload", (event) => {
  if (uploading(useUploads.getState().list)) event.preventDefault();
});
