import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { type Answer, api, type Input, take } from "@/api/client";
import { ApiFailure, asFailure } from "@/api/error";

export type FileEntry = Answer<"/api/client/servers/{server}/files/list", "get">["entries"]["data"][number];
export type Listing = Answer<"/api/client/servers/{server}/files/list", "get">;
export type Operation = Answer<"/api/client/servers/{server}/files/operations", "get">["operations"][number];
export type Move = Input<"/api/client/servers/{server}/files/rename", "put">["files"][number];
export type ArchiveFormat = Input<"/api/client/servers/{server}/files/compress", "post">["format"];
export type SearchInput = Input<"/api/client/servers/{server}/files/search", "post">;
export type PullPreview = Answer<"/api/client/servers/{server}/files/pull/query", "post">["query_result"];
export type Revision = Answer<"/api/client/servers/{server}/files/revisions", "get">["revisions"][number];

/** The most entries that the panel gives at once, and the most files that one request may name. */
export const PAGE = 10_000;
export const MOST_NAMED = 1_000;

export const algorithms = [
  "sha256",
  "sha1",
  "md5",
  "sha512",
  "sha384",
  "sha224",
  "crc32",
  "curseforge",
] as const;
export type Algorithm = (typeof algorithms)[number];

/** Formats in the order of the list; which a node can write is known when it is asked. */
export const formats = [
  "tar_gz",
  "zip",
  "tar_zstd",
  "tar_xz",
  "tar_bz2",
  "tar_lz4",
  "tar",
  "seven_zip",
] as const satisfies ArchiveFormat[];

/** The file's ending that a format stands for. */
export const endings: Record<ArchiveFormat, string> = {
  tar: "tar",
  tar_gz: "tar.gz",
  tar_xz: "tar.xz",
  tar_lzip: "tar.lz",
  tar_bz2: "tar.bz2",
  tar_lz4: "tar.lz4",
  tar_zstd: "tar.zst",
  zip: "zip",
  seven_zip: "7z",
};

const of = (server: string) => ({ path: { server } });

export const listKey = (server: string, directory: string) => ["files", server, "list", directory] as const;

export const listQuery = (server: string, directory: string) =>
  infiniteQueryOptions({
    queryKey: listKey(server, directory),
    queryFn: ({ signal, pageParam }): Promise<Listing> =>
      take(
        api.GET("/api/client/servers/{server}/files/list", {
          params: { ...of(server), query: { directory, page: pageParam, per_page: PAGE } },
          signal,
        }),
      ),
    initialPageParam: 1,
    getNextPageParam: ({ entries }) =>
      entries.page * entries.per_page < entries.total ? entries.page + 1 : undefined,
  });

export const operationsQuery = (server: string, busy: boolean) =>
  queryOptions({
    queryKey: ["files", server, "operations"],
    queryFn: async ({ signal }) =>
      (await take(api.GET("/api/client/servers/{server}/files/operations", { params: of(server), signal })))
        .operations,
    refetchInterval: ({ state }) => ((state.data?.length ?? 0) > 0 || busy ? 1_500 : 20_000),
    retry: false,
  });

/** Directories to choose from in dialogs: the first page is enough to find one's way. */
export const foldersQuery = (server: string, directory: string) =>
  queryOptions({
    queryKey: ["files", server, "folders", directory],
    queryFn: async ({ signal }) =>
      (
        await take(
          api.GET("/api/client/servers/{server}/files/list", {
            params: { ...of(server), query: { directory, page: 1, per_page: PAGE } },
            signal,
          }),
        )
      ).entries.data.filter((e) => e.directory),
    staleTime: 10_000,
  });

export const revisionsQuery = (server: string, file: string) =>
  queryOptions({
    queryKey: ["files", server, "revisions", file],
    queryFn: async ({ signal }) =>
      (
        await take(
          api.GET("/api/client/servers/{server}/files/revisions", {
            params: { ...of(server), query: { file } },
            signal,
          }),
        )
      ).revisions,
    retry: false,
  });

export function rename(server: string, root: string, files: Move[]) {
  return take(
    api.PUT("/api/client/servers/{server}/files/rename", { params: of(server), body: { root, files } }),
  );
}

export function remove(server: string, root: string, files: string[]) {
  return take(
    api.POST("/api/client/servers/{server}/files/delete", { params: of(server), body: { root, files } }),
  );
}

export function changeModes(
  server: string,
  root: string,
  files: { file: string; mode: string; recursive: boolean }[],
) {
  return take(
    api.PUT("/api/client/servers/{server}/files/chmod", { params: of(server), body: { root, files } }),
  );
}

export function createDirectory(server: string, root: string, name: string) {
  return take(
    api.POST("/api/client/servers/{server}/files/create-directory", {
      params: of(server),
      body: { root, name },
    }),
  );
}

export function copyOne(server: string, path: string, destination: string) {
  return take(
    api.POST("/api/client/servers/{server}/files/copy", {
      params: of(server),
      body: { path, destination },
    }),
  );
}

export function copyMany(server: string, root: string, files: Move[]) {
  return take(
    api.POST("/api/client/servers/{server}/files/copy-many", { params: of(server), body: { root, files } }),
  );
}

export function copyToServer(
  server: string,
  body: Input<"/api/client/servers/{server}/files/copy-remote", "post">,
) {
  return take(api.POST("/api/client/servers/{server}/files/copy-remote", { params: of(server), body }));
}

export function pack(server: string, body: Input<"/api/client/servers/{server}/files/compress", "post">) {
  return take(api.POST("/api/client/servers/{server}/files/compress", { params: of(server), body }));
}

export function unpack(server: string, root: string, file: string) {
  return take(
    api.POST("/api/client/servers/{server}/files/decompress", { params: of(server), body: { root, file } }),
  );
}

export function fetchUrl(server: string, body: Input<"/api/client/servers/{server}/files/pull", "post">) {
  return take(api.POST("/api/client/servers/{server}/files/pull", { params: of(server), body }));
}

export async function previewUrl(server: string, url: string): Promise<PullPreview> {
  return (
    await take(
      api.POST("/api/client/servers/{server}/files/pull/query", { params: of(server), body: { url } }),
    )
  ).query_result;
}

export async function search(server: string, body: SearchInput): Promise<FileEntry[]> {
  return (await take(api.POST("/api/client/servers/{server}/files/search", { params: of(server), body })))
    .entries;
}

export async function checksum(server: string, file: string, algorithm: Algorithm): Promise<string> {
  return (
    await take(
      api.GET("/api/client/servers/{server}/files/fingerprint", {
        params: { ...of(server), query: { file, algorithm } },
      }),
    )
  ).fingerprint;
}

export function cancelOperation(server: string, operation: string) {
  return take(
    api.DELETE("/api/client/servers/{server}/files/operations/{operation}", {
      params: { path: { server, operation } },
    }),
  );
}

/** A link by which the browser fetches files from their node, or through the panel where it relays. */
export async function downloadLink(
  server: string,
  root: string,
  files: { name: string; directory: boolean }[],
  format: ArchiveFormat,
): Promise<string> {
  const [only] = files;
  return (
    await take(
      api.GET("/api/client/servers/{server}/files/download", {
        params: {
          ...of(server),
          query: {
            root,
            files: files.map((f) => f.name),
            archive_format: format,
            ...(files.length === 1 && only?.directory ? { directory: true } : {}),
          },
        },
      }),
    )
  ).url;
}

/** A link that takes one upload. */
export async function uploadLink(server: string): Promise<string> {
  return (await take(api.GET("/api/client/servers/{server}/files/upload", { params: of(server) }))).url;
}

/** The bytes of a file; null when there is none. */
export async function read(server: string, file: string, signal?: AbortSignal): Promise<Uint8Array | null> {
  try {
    const buffer = await take(
      api.GET("/api/client/servers/{server}/files/contents", {
        params: { ...of(server), query: { file } },
        parseAs: "arrayBuffer",
        ...(signal ? { signal } : {}),
      }),
    );
    // An empty body comes as nothing at all.
    return new Uint8Array(buffer ?? new ArrayBuffer(0));
  } catch (error) {
    if (asFailure(error).status === 404 && !(error instanceof DOMException)) return null;
    throw error;
  }
}

/** A former version of a file. */
export async function readRevision(server: string, file: string, revision: number): Promise<Uint8Array> {
  const buffer = await take(
    api.GET("/api/client/servers/{server}/files/revisions/{revision}", {
      params: { path: { server, revision }, query: { file } },
      parseAs: "arrayBuffer",
    }),
  );
  return new Uint8Array(buffer ?? new ArrayBuffer(0));
}

export function write(server: string, file: string, content: Uint8Array<ArrayBuffer>) {
  return take(
    api.POST("/api/client/servers/{server}/files/write", {
      params: { ...of(server), query: { file } },
      // The type says text, the request carries the bytes as they are.
      body: content as unknown as string,
      bodySerializer: (body) => body as unknown as BodyInit,
      headers: { "Content-Type": "text/plain" },
    }),
  );
}

/** Sends a file to its node, telling how much is there already. */
export function sendFile(
  link: string,
  directory: string,
  file: File,
  signal: AbortSignal,
  onProgress: (sent: number) => void,
): Promise<void> {
  const url = new URL(link, window.location.origin);
  url.searchParams.set("directory", directory);
  return new Promise((resolve, reject) => {
    // Only this kind of request tells of what was sent.
    const request = new XMLHttpRequest();
    const abort = () => request.abort();
    signal.addEventListener("abort", abort, { once: true });
    const over = () => signal.removeEventListener("abort", abort);
    request.upload.addEventListener("progress", (event) => onProgress(event.loaded));
    request.addEventListener("load", () => {
      over();
      if (request.status >= 200 && request.status < 300) resolve();
      else reject(new ApiFailure({ status: request.status, errors: nodeWords(request.responseText) }));
    });
    request.addEventListener("error", () => {
      over();
      reject(new ApiFailure({ status: 0, errors: [], code: "node_unreachable" }));
    });
    request.addEventListener("abort", () => {
      over();
      reject(new DOMException("The upload was cancelled", "AbortError"));
    });
    request.open("POST", url);
    const form = new FormData();
    form.append("files", file, file.name);
    if (signal.aborted) abort();
    else request.send(form);
  });
}

/** What a daemon says of a refusal: it has words of its own. */
function nodeWords(body: string): string[] {
  try {
    const answer = JSON.parse(body) as { error?: unknown; errors?: unknown };
    if (typeof answer.error === "string") return [answer.error];
    if (Array.isArray(answer.errors)) return answer.errors.filter((e): e is string => typeof e === "string");
  } catch {
    // Not every daemon answers JSON to everything.
  }
  return [];
}
