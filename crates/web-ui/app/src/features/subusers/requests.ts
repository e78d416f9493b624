import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { type Answer, api, take } from "@/api/client";

const PER_PAGE = 25;

export type Subuser = Answer<"/api/client/servers/{server}/subusers", "get">["subusers"]["data"][number];

/** What somebody may do on a server, and what is hidden from them. */
export interface Share {
  permissions: string[];
  ignored_files: string[];
}

export const subusersQuery = (server: string, page: number, search: string) =>
  queryOptions({
    queryKey: ["servers", "subusers", server, page, search],
    queryFn: async ({ signal }) =>
      (
        await take(
          api.GET("/api/client/servers/{server}/subusers", {
            params: {
              path: { server },
              query: { page, per_page: PER_PAGE, ...(search ? { search } : {}) },
            },
            signal,
          }),
        )
      ).subusers,
    placeholderData: keepPreviousData,
  });

export const invite = async (server: string, email: string, share: Share) =>
  (
    await take(
      api.POST("/api/client/servers/{server}/subusers", {
        params: { path: { server } },
        body: { email, ...share },
      }),
    )
  ).subuser;

export const changeShare = (server: string, subuser: string, share: Share) =>
  take(
    api.PATCH("/api/client/servers/{server}/subusers/{subuser}", {
      params: { path: { server, subuser } },
      body: share,
    }),
  );

export const removeSubuser = (server: string, subuser: string) =>
  take(
    api.DELETE("/api/client/servers/{server}/subusers/{subuser}", {
      params: { path: { server, subuser } },
    }),
  );
