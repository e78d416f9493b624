import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { type Answer, api, take } from "@/api/client";

export type Group = Answer<"/api/client/servers/groups", "get">["server_groups"][number];

/** What stands in the address for the list of all servers. */
export const ALL = "all";

export const groupsQuery = queryOptions({
  queryKey: ["servers", "groups"],
  queryFn: async ({ signal }) =>
    (await take(api.GET("/api/client/servers/groups", { signal }))).server_groups,
  staleTime: 30_000,
});

/** The servers of a group in its order. A group has no more than a page of them. */
export const groupServersQuery = (group: string, search: string) =>
  queryOptions({
    queryKey: ["servers", "list", "group", group, search],
    queryFn: async ({ signal }) =>
      (
        await take(
          api.GET("/api/client/servers/groups/{server_group}", {
            params: {
              path: { server_group: group },
              query: { page: 1, per_page: 100, ...(search ? { search } : {}) },
            },
            signal,
          }),
        )
      ).servers,
    placeholderData: keepPreviousData,
    refetchInterval: 15_000,
  });

export const createGroup = async (name: string, server_order: string[]) =>
  (await take(api.POST("/api/client/servers/groups", { body: { name, server_order } }))).server_group;

export const changeGroup = (server_group: string, name: string, server_order: string[]) =>
  take(
    api.PATCH("/api/client/servers/groups/{server_group}", {
      params: { path: { server_group } },
      body: { name, server_order },
    }),
  );

export const orderGroups = (server_group_order: string[]) =>
  take(api.PUT("/api/client/servers/groups/order", { body: { server_group_order } }));

export const deleteGroup = (server_group: string) =>
  take(api.DELETE("/api/client/servers/groups/{server_group}", { params: { path: { server_group } } }));
