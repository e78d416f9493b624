import { type InfiniteData, type QueryClient, useMutation, useQueryClient } from "@tanstack/react-query";
import { asFailure } from "@/api/error";
import { type Translate, useT } from "@/i18n";
import { toast, toastFailure, toastUndo } from "@/ui/toasts";
import { m } from "./messages";
import { nameOf, parentOf } from "./paths";
import { type FileEntry, type Listing, listKey, MOST_NAMED, type Move, remove, rename } from "./requests";

type Pages = InfiniteData<Listing, number>;

/** Changes the entries of a directory in the page's memory, and gives the way back. */
export function patchList(
  client: QueryClient,
  server: string,
  directory: string,
  change: (entries: FileEntry[]) => FileEntry[],
): () => void {
  const key = listKey(server, directory);
  const before = client.getQueryData<Pages>(key);
  if (!before) return () => undefined;
  client.setQueryData<Pages>(key, {
    ...before,
    pages: before.pages.map((page) => {
      const data = change(page.entries.data);
      const total = page.entries.total + data.length - page.entries.data.length;
      return { ...page, entries: { ...page.entries, data, total } };
    }),
  });
  return () => client.setQueryData(key, before);
}

/** Parts of a list that are small enough for one request. */
export function inParts<T>(list: readonly T[], size = MOST_NAMED): T[][] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, i) =>
    list.slice(i * size, (i + 1) * size),
  );
}

/** All lists of a server that may have changed by something that touched these directories. */
export function refreshLists(
  client: QueryClient,
  server: string,
  ...directories: string[]
): Promise<unknown> {
  return Promise.all([
    ...directories.map((directory) => client.invalidateQueries({ queryKey: listKey(server, directory) })),
    client.invalidateQueries({ queryKey: ["files", server, "folders"] }),
    client.invalidateQueries({ queryKey: ["files", server, "operations"] }),
  ]);
}

/** Deletes at once in the list; what the node refuses comes back. */
export function useDelete(server: string, directory: string) {
  const t = useT();
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (names: string[]) => {
      for (const part of inParts(names)) await remove(server, directory, part);
    },
    onMutate: async (names) => {
      await client.cancelQueries({ queryKey: listKey(server, directory) });
      const gone = new Set(names);
      return patchList(client, server, directory, (entries) => entries.filter((e) => !gone.has(e.name)));
    },
    onSuccess: (_, names) => toast(t(m.deleted, { count: names.length, name: names[0] ?? "" })),
    onError: (error, names, undo) => {
      undo?.();
      toastFailure(t(m.notDeleted, { count: names.length, name: names[0] ?? "" }), asFailure(error));
    },
    onSettled: () => refreshLists(client, server, directory),
  });
}

/** What of the moves stays in the directory, under which name. */
function staying(moves: readonly Move[]): Map<string, string | null> {
  return new Map(moves.map(({ from, to }) => [from, to.includes("/") ? null : to]));
}

/** Renames and moves at once in the list; what the node refuses comes back. */
export function useRename(server: string, directory: string) {
  const t = useT();
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (moves: Move[]) => {
      for (const part of inParts(moves)) await rename(server, directory, part);
    },
    onMutate: async (moves) => {
      await client.cancelQueries({ queryKey: listKey(server, directory) });
      const to = staying(moves);
      return patchList(client, server, directory, (entries) =>
        entries.flatMap((e) => {
          const name = to.get(e.name);
          return name === undefined ? [e] : name === null ? [] : [{ ...e, name }];
        }),
      );
    },
    onSuccess: (_, moves) => told(t, client, server, directory, moves),
    onError: (error, moves, undo) => {
      undo?.();
      toastFailure(t(m.notRenamed, { count: moves.length, name: moves[0]?.from ?? "" }), asFailure(error));
    },
    onSettled: (_, __, moves) =>
      refreshLists(client, server, directory, ...new Set(moves.map((x) => targetOf(directory, x)))),
  });
}

function targetOf(directory: string, { to }: Move): string {
  return parentOf(to.startsWith("/") ? to : `${directory}/${to}`);
}

function told(
  t: Translate,
  client: QueryClient,
  server: string,
  directory: string,
  moves: readonly Move[],
): void {
  const [first] = moves;
  if (!first) return;
  const moved = targetOf(directory, first) !== directory;
  const values = {
    count: moves.length,
    from: first.from,
    to: moved ? targetOf(directory, first) : nameOf(first.to),
  };
  toastUndo(t(moved ? m.moved : m.renamed, values), t(m.undo), () => {
    const back = moves.map(({ from, to }) => ({ from: to, to: from }));
    void (async () => {
      try {
        for (const part of inParts(back)) await rename(server, directory, part);
      } catch (error) {
        toastFailure(t(m.notUndone), asFailure(error));
      }
      await refreshLists(client, server, directory, ...new Set(moves.map((x) => targetOf(directory, x))));
    })();
  });
}
