import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { type Answer, api, take } from "./client";
import type { ApiFailure } from "./error";

export type Account = Answer<"/api/client/account", "get">["user"];
export type Server = Answer<"/api/client/servers/{server}", "get">["server"];
export type Resources = Answer<"/api/client/servers/{server}/resources", "get">["resources"];
export type AdminServer = Answer<"/api/admin/servers/{server}", "get">["server"];
export type Location = Answer<"/api/admin/locations/{location}", "get">["location"];
export type Node = Answer<"/api/admin/nodes/{node}", "get">["node"];
export type Nest = Answer<"/api/admin/nests/{nest}", "get">["nest"];
export type Egg = Answer<"/api/admin/nests/{nest}/eggs/{egg}", "get">["egg"];
export type EggVariable = Answer<"/api/admin/nests/{nest}/eggs/{egg}/variables", "get">["variables"][number];
export type User = Answer<"/api/admin/users/{user}", "get">["user"];

/** What a list page asks for. */
export interface ListQuery {
  page?: number;
  per_page?: number;
  search?: string;
}

/** The numbers every list needs, with what the caller left out filled in. */
function paged<Q extends ListQuery>(query: Q): Q & { page: number; per_page: number } {
  return { ...query, page: query.page ?? 1, per_page: query.per_page ?? 25 };
}

const once = (count: number, error: Error) => count < 1 && (error as ApiFailure).status === 0;

/** How far the first-run setup has come. */
export const setupQuery = queryOptions({
  queryKey: ["setup"],
  queryFn: ({ signal }) => take(api.GET("/api/setup", { signal })),
  staleTime: 60_000,
  retry: once,
});

/** The signed-in account, or `null` when nobody is signed in. */
export const accountQuery = queryOptions({
  queryKey: ["account"],
  queryFn: async ({ signal }): Promise<Account | null> => {
    try {
      return (await take(api.GET("/api/client/account", { signal }))).user;
    } catch (error) {
      if ((error as ApiFailure).status === 401) return null;
      throw error;
    }
  },
  staleTime: 60_000,
  retry: once,
});

export const settingsQuery = queryOptions({
  queryKey: ["settings"],
  queryFn: ({ signal }) => take(api.GET("/api/settings", { signal })),
  staleTime: 300_000,
});

export const serversQuery = (query: ListQuery & { other?: boolean }) =>
  queryOptions({
    queryKey: ["servers", "list", query],
    queryFn: async ({ signal }) =>
      (
        await take(
          api.GET("/api/client/servers", {
            params: { query: { ...paged(query), other: query.other ?? false } },
            signal,
          }),
        )
      ).servers,
    placeholderData: keepPreviousData,
    refetchInterval: 15_000,
  });

export const serverQuery = (server: string) =>
  queryOptions({
    queryKey: ["servers", "one", server],
    queryFn: async ({ signal }) =>
      (await take(api.GET("/api/client/servers/{server}", { params: { path: { server } }, signal }))).server,
  });

export const resourcesQuery = (server: string) =>
  queryOptions({
    queryKey: ["servers", "resources", server],
    queryFn: async ({ signal }) =>
      (
        await take(
          api.GET("/api/client/servers/{server}/resources", { params: { path: { server } }, signal }),
        )
      ).resources,
    refetchInterval: 10_000,
    retry: false,
  });

export const locationsQuery = (query: ListQuery) =>
  queryOptions({
    queryKey: ["locations", "list", query],
    queryFn: async ({ signal }) =>
      (await take(api.GET("/api/admin/locations", { params: { query: paged(query) }, signal }))).locations,
    placeholderData: keepPreviousData,
  });

export const nodesQuery = (query: ListQuery) =>
  queryOptions({
    queryKey: ["nodes", "list", query],
    queryFn: async ({ signal }) =>
      (await take(api.GET("/api/admin/nodes", { params: { query: paged(query) }, signal }))).nodes,
    placeholderData: keepPreviousData,
  });

export const nodeQuery = (node: string) =>
  queryOptions({
    queryKey: ["nodes", "one", node],
    queryFn: async ({ signal }) =>
      (await take(api.GET("/api/admin/nodes/{node}", { params: { path: { node } }, signal }))).node,
  });

export const nodeConfigurationQuery = (node: string) =>
  queryOptions({
    queryKey: ["nodes", "configuration", node],
    queryFn: async ({ signal }) =>
      (await take(api.GET("/api/admin/nodes/{node}/configuration", { params: { path: { node } }, signal })))
        .yaml,
    staleTime: 0,
    gcTime: 0,
  });

export const nodeStatusQuery = (node: string, everyMs: number) =>
  queryOptions({
    queryKey: ["nodes", "status", node],
    queryFn: ({ signal }) =>
      take(api.GET("/api/admin/nodes/{node}/status", { params: { path: { node } }, signal })),
    refetchInterval: everyMs,
    retry: false,
  });

export const allocationsQuery = (node: string, query: ListQuery & { assigned?: boolean }) =>
  queryOptions({
    queryKey: ["nodes", "allocations", node, query],
    queryFn: async ({ signal }) =>
      (
        await take(
          api.GET("/api/admin/nodes/{node}/allocations", {
            params: { path: { node }, query: paged(query) },
            signal,
          }),
        )
      ).allocations,
    placeholderData: keepPreviousData,
  });

export const freeAllocationsQuery = (node: string, search?: string) =>
  queryOptions({
    queryKey: ["nodes", "allocations", node, "free", search ?? ""],
    queryFn: async ({ signal }) =>
      (
        await take(
          api.GET("/api/admin/nodes/{node}/allocations/available", {
            params: { path: { node }, query: paged({ per_page: 100, ...(search ? { search } : {}) }) },
            signal,
          }),
        )
      ).allocations,
    enabled: node !== "",
    placeholderData: keepPreviousData,
  });

export const nestsQuery = queryOptions({
  queryKey: ["nests", "list"],
  queryFn: async ({ signal }) =>
    (await take(api.GET("/api/admin/nests", { params: { query: paged({ per_page: 100 }) }, signal }))).nests,
});

export const nestQuery = (nest: string) =>
  queryOptions({
    queryKey: ["nests", "one", nest],
    queryFn: async ({ signal }) =>
      (await take(api.GET("/api/admin/nests/{nest}", { params: { path: { nest } }, signal }))).nest,
  });

export const eggsQuery = (nest: string) =>
  queryOptions({
    queryKey: ["nests", "eggs", nest],
    queryFn: async ({ signal }) =>
      (
        await take(
          api.GET("/api/admin/nests/{nest}/eggs", {
            params: { path: { nest }, query: paged({ per_page: 100 }) },
            signal,
          }),
        )
      ).eggs,
  });

export const eggQuery = (nest: string, egg: string) =>
  queryOptions({
    queryKey: ["nests", "egg", nest, egg],
    queryFn: async ({ signal }) =>
      (await take(api.GET("/api/admin/nests/{nest}/eggs/{egg}", { params: { path: { nest, egg } }, signal })))
        .egg,
  });

export const eggVariablesQuery = (nest: string, egg: string) =>
  queryOptions({
    queryKey: ["nests", "variables", nest, egg],
    queryFn: async ({ signal }) =>
      (
        await take(
          api.GET("/api/admin/nests/{nest}/eggs/{egg}/variables", {
            params: { path: { nest, egg } },
            signal,
          }),
        )
      ).variables,
    enabled: nest !== "" && egg !== "",
  });

export const starterEggsQuery = queryOptions({
  queryKey: ["nests", "starter"],
  queryFn: async ({ signal }) => (await take(api.GET("/api/admin/eggs/starter", { signal }))).starter_eggs,
});

export const usersQuery = (query: ListQuery) =>
  queryOptions({
    queryKey: ["users", "list", query],
    queryFn: async ({ signal }) =>
      (await take(api.GET("/api/admin/users", { params: { query: paged(query) }, signal }))).users,
    placeholderData: keepPreviousData,
  });

export const userQuery = (user: string) =>
  queryOptions({
    queryKey: ["users", "one", user],
    queryFn: async ({ signal }) =>
      (await take(api.GET("/api/admin/users/{user}", { params: { path: { user } }, signal }))).user,
  });

export const rolesQuery = queryOptions({
  queryKey: ["roles", "list"],
  queryFn: async ({ signal }) =>
    (await take(api.GET("/api/admin/roles", { params: { query: paged({ per_page: 100 }) }, signal }))).roles,
});

export const adminServersQuery = (query: ListQuery) =>
  queryOptions({
    queryKey: ["admin-servers", "list", query],
    queryFn: async ({ signal }) =>
      (await take(api.GET("/api/admin/servers", { params: { query: paged(query) }, signal }))).servers,
    placeholderData: keepPreviousData,
  });

export const adminServerQuery = (server: string) =>
  queryOptions({
    queryKey: ["admin-servers", "one", server],
    queryFn: async ({ signal }) =>
      (await take(api.GET("/api/admin/servers/{server}", { params: { path: { server } }, signal }))).server,
  });
