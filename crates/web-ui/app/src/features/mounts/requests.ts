import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { type Answer, api, take } from "@/api/client";

const PER_PAGE = 25;

export type Mount = Answer<"/api/client/servers/{server}/mounts", "get">["mounts"]["data"][number];

export const mountsQuery = (server: string, page: number) =>
  queryOptions({
    queryKey: ["servers", "mounts", server, page],
    queryFn: async ({ signal }) =>
      (
        await take(
          api.GET("/api/client/servers/{server}/mounts", {
            params: { path: { server }, query: { page, per_page: PER_PAGE } },
            signal,
          }),
        )
      ).mounts,
    placeholderData: keepPreviousData,
  });

export const attachMount = (server: string, mount: string) =>
  take(
    api.POST("/api/client/servers/{server}/mounts", {
      params: { path: { server } },
      body: { mount_uuid: mount },
    }),
  );

export const detachMount = (server: string, mount: string) =>
  take(api.DELETE("/api/client/servers/{server}/mounts/{mount}", { params: { path: { server, mount } } }));
