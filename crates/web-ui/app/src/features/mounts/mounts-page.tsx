import { IconLink, IconLinkOff, IconLock } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { asFailure } from "@/api/error";
import { useServer } from "@/features/server/context";
import { isChangeable, ServerPageBody } from "@/features/server/page";
import { can } from "@/features/servers/state";
import { useT } from "@/i18n";
import { date } from "@/lib/format";
import { Button } from "@/ui/button";
import { EmptyWire } from "@/ui/feedback";
import { Icon } from "@/ui/icon";
import { ListTable } from "@/ui/list-table";
import { toast, toastFailure } from "@/ui/toasts";
import { m } from "./messages";
import { attachMount, detachMount, type Mount, mountsQuery } from "./requests";

/** The folders of the node that a server is offered: attached with one press, and taken away with another. */
export default function MountsPage() {
  const t = useT();
  const navigate = useNavigate({ from: "/server/$server/mounts" });
  const { page = 1 } = useSearch({ from: "/signed-in/server/$server/mounts" });
  const { server, state } = useServer();
  const list = useQuery({ ...mountsQuery(server.uuid, page), enabled: can(server, "mounts.read") });
  const toggle = useToggle(page);
  const open = isChangeable(state);
  return (
    <ServerPageBody title={m.title} needs="mounts.read" note={t(m.note)}>
      <ListTable
        caption={t(m.title)}
        query={list}
        rowKey={(mount) => mount.uuid}
        loadFailed={t(m.loadFailed)}
        empty={<EmptyWire title={t(m.emptyTitle)} text={t(m.emptyText)} />}
        onPage={(next) => void navigate({ search: { page: next } })}
        columns={[
          {
            key: "name",
            head: t(m.name),
            cell: (mount) => (
              <>
                <span className="nm">{mount.name}</span>
                {mount.description ? <div className="sm t3">{mount.description}</div> : null}
              </>
            ),
          },
          {
            key: "target",
            head: t(m.target),
            phone: "meta",
            cell: (mount) => <span className="mono sm">{mount.target}</span>,
          },
          {
            key: "access",
            head: t(m.access),
            phone: "meta",
            cell: (mount) => (
              <span className="row badges">
                {mount.read_only ? <Icon of={IconLock} size="s" className="t3" /> : null}
                <span className="t2">{t(mount.read_only ? m.readOnly : m.writable)}</span>
              </span>
            ),
          },
          {
            key: "state",
            head: t(m.state),
            phone: "meta",
            cell: (mount) =>
              mount.created ? (
                <span className="row wrap badges">
                  <span className="tag ok">{t(m.attached)}</span>
                  <span className="sm t3">{t(m.since, { date: date(new Date(mount.created)) })}</span>
                </span>
              ) : (
                <span className="t3">{t(m.notAttached)}</span>
              ),
          },
          {
            key: "acts",
            head: t(m.attach),
            phone: "acts",
            cell: (mount) => {
              const on = Boolean(mount.created);
              if (!can(server, on ? "mounts.detach" : "mounts.attach")) return null;
              return (
                <Button
                  size="sm"
                  icon={on ? IconLinkOff : IconLink}
                  disabled={!open}
                  busy={toggle.isPending && toggle.variables.uuid === mount.uuid}
                  aria-label={t(on ? m.detachName : m.attachName, { name: mount.name })}
                  onClick={() => toggle.mutate(mount)}
                >
                  {t(on ? m.detach : m.attach)}
                </Button>
              );
            },
          },
        ]}
      />
    </ServerPageBody>
  );
}

/** Shows the new state at once, and the old one again when the panel refuses. */
function useToggle(page: number) {
  const t = useT();
  const client = useQueryClient();
  const { server } = useServer();
  const key = mountsQuery(server.uuid, page).queryKey;
  return useMutation({
    mutationFn: (mount: Mount) => (mount.created ? detachMount : attachMount)(server.uuid, mount.uuid),
    onMutate: async (mount) => {
      await client.cancelQueries({ queryKey: ["servers", "mounts", server.uuid] });
      const before = client.getQueryData(key);
      const created = mount.created ? null : new Date().toISOString();
      client.setQueryData(key, (old) =>
        old ? { ...old, data: old.data.map((x) => (x.uuid === mount.uuid ? { ...x, created } : x)) } : old,
      );
      return before;
    },
    onSuccess: (_, mount) =>
      toast(t(mount.created ? m.didDetach : m.didAttach, { name: mount.name }), t(m.nextStart)),
    onError: (error, mount, before) => {
      if (before) client.setQueryData(key, before);
      toastFailure(
        t(mount.created ? m.detachFailed : m.attachFailed, { name: mount.name }),
        asFailure(error),
      );
    },
    onSettled: () => client.invalidateQueries({ queryKey: ["servers", "mounts", server.uuid] }),
  });
}
