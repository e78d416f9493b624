import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { ActivityTable } from "@/features/activity/activity-table";
import { activityQuery } from "./requests";

/** What was done with the own account. */
export default function ActivityPage() {
  const navigate = useNavigate({ from: "/account/activity" });
  const { page = 1, search = "" } = useSearch({ from: "/signed-in/user/account/activity" });
  const list = useQuery(activityQuery(page, search));
  return (
    <ActivityTable
      query={list}
      search={search}
      onSearch={(text) => void navigate({ search: text ? { search: text } : {}, replace: true })}
      onPage={(next) => void navigate({ search: (old) => ({ ...old, page: next }) })}
    />
  );
}
