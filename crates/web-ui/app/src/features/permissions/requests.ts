import { queryOptions } from "@tanstack/react-query";
import { type Answer, api, take } from "@/api/client";

export type Permissions = Answer<"/api/client/permissions", "get">;
export type PermissionGroups = Permissions["server_permissions"];

/** Every permission that there is, with a sentence about each. */
export const permissionsQuery = queryOptions({
  queryKey: ["permissions"],
  queryFn: ({ signal }) => take(api.GET("/api/client/permissions", { signal })),
  staleTime: 3_600_000,
});
