import { keepPreviousData, queryOptions, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { api, take } from "@/api/client";
import { useServer } from "@/features/server/context";
import { ServerPageBody } from "@/features/server/page";
import { can } from "@/features/servers/state";
import { ActivityTable } from "./activity-table";
import { m } from "./messages";

const PER_PAGE = 25;

const activityQuery = (server: string, page: number, search: string) =>
  queryOptions({
    queryKey: ["servers", "activity", server, page, search],
    queryFn: async ({ signal }) =>
      (
        await take(
          api.GET("/api/client/servers/{server}/activity", {
            params: {
              path: { server },
              query: { page, per_page: PER_PAGE, ...(search ? { search } : {}) },
            },
            signal,
          }),
        )
      ).activities,
    placeholderData: keepPreviousData,
  });

/** What was done with a server, by whom. */
export default function ServerActivityPage() {
  const navigate = useNavigate({ from: "/server/$server/activity" });
  const { page = 1, search = "" } = useSearch({ from: "/signed-in/server/$server/activity" });
  const { server } = useServer();
  const list = useQuery({
    ...activityQuery(server.uuid, page, search),
    enabled: can(server, "activity.read"),
  });
  return (
    <ServerPageBody title={m.title} needs="activity.read">
      <ActivityTable
        people
        query={list}
        search={search}
        onSearch={(text) => void navigate({ search: text ? { search: text } : {}, replace: true })}
        onPage={(next) => void navigate({ search: (old) => ({ ...old, page: next }) })}
      />
    </ServerPageBody>
  );
}
