import { useQuery } from "@tanstack/react-query";
import { useServer } from "@/features/server/context";
import { ServerPageBody } from "@/features/server/page";
import { can } from "@/features/servers/state";
import { useT } from "@/i18n";
import { ErrorCard } from "@/ui/failure";
import { EmptyWire, SkeletonCard } from "@/ui/feedback";
import { CommandCard } from "./command-card";
import { m } from "./messages";
import { variablesQuery } from "./requests";
import { Variables } from "./variables";

/** How a server starts: its command, its image and the values of its egg's variables. */
export default function StartupPage() {
  const t = useT();
  const { server } = useServer();
  const list = useQuery({ ...variablesQuery(server.uuid), enabled: can(server, "startup.read") });
  return (
    <ServerPageBody title={m.title} needs="startup.read" note={t(m.applies)}>
      <CommandCard variables={list.data ?? []} />
      {list.isError ? (
        <ErrorCard title={t(m.loadFailed)} error={list.error} retry={() => void list.refetch()} />
      ) : !list.data ? (
        <SkeletonCard lines={6} />
      ) : list.data.length === 0 ? (
        <EmptyWire title={t(m.none)} text={t(m.noneText)} />
      ) : (
        <Variables variables={list.data} />
      )}
    </ServerPageBody>
  );
}
