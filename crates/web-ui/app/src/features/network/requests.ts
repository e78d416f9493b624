import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { type Answer, api, type Input, take } from "@/api/client";

const PER_PAGE = 25;

export type Addresses = Answer<"/api/client/servers/{server}/allocations", "get">["allocations"];
export type Address = Addresses["data"][number];
type Change = Input<"/api/client/servers/{server}/allocations/{allocation}", "patch">;

export const addressesQuery = (server: string, page: number) =>
  queryOptions({
    queryKey: ["servers", "addresses", server, page],
    queryFn: async ({ signal }) =>
      (
        await take(
          api.GET("/api/client/servers/{server}/allocations", {
            params: { path: { server }, query: { page, per_page: PER_PAGE } },
            signal,
          }),
        )
      ).allocations,
    placeholderData: keepPreviousData,
  });

export async function addAddress(server: string): Promise<Address> {
  const answer = await take(
    api.POST("/api/client/servers/{server}/allocations", { params: { path: { server } } }),
  );
  return answer.allocation;
}

export const changeAddress = (server: string, allocation: string, body: Change) =>
  take(
    api.PATCH("/api/client/servers/{server}/allocations/{allocation}", {
      params: { path: { server, allocation } },
      body,
    }),
  );

export const removeAddress = (server: string, allocation: string) =>
  take(
    api.DELETE("/api/client/servers/{server}/allocations/{allocation}", {
      params: { path: { server, allocation } },
    }),
  );
