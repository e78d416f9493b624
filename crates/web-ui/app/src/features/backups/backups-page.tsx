import { IconPlus, IconRepeat } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { asFailure } from "@/api/error";
import { useServer } from "@/features/server/context";
import { isChangeable, ServerPageBody } from "@/features/server/page";
import { can } from "@/features/servers/state";
import { useT } from "@/i18n";
import { bytes, dateTime } from "@/lib/format";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { InlineFailure } from "@/ui/failure";
import { EmptyWire } from "@/ui/feedback";
import { Icon } from "@/ui/icon";
import { ListTable } from "@/ui/list-table";
import { toast, toastFailure } from "@/ui/toasts";
import { BackupActions } from "./backup-actions";
import { BackupState } from "./backup-state";
import { CreateForm } from "./create-form";
import { GroupForm } from "./group-form";
import { GroupMenu } from "./group-menu";
import { m } from "./messages";
import { backupsKey, backupsQuery, type Group, groupsQuery, unlockServer } from "./requests";
import { rightsOf } from "./states";

/** The backups of a server, by group: what is there, what is being made, and one more. */
export default function BackupsPage() {
  const t = useT();
  const client = useQueryClient();
  const navigate = useNavigate({ from: "/server/$server/backups" });
  const { group, search = "", page = 1 } = useSearch({ from: "/signed-in/server/$server/backups" });
  const { server, state } = useServer();
  const [open, setOpen] = useState<"backup" | "group" | Group | null>(null);
  const rights = rightsOf(server);
  const readable = can(server, "backups.read");
  const list = useQuery({
    ...backupsQuery(server.uuid, { page, ...(group ? { group } : {}), ...(search ? { search } : {}) }),
    enabled: readable,
  });
  const groups = useQuery({
    ...groupsQuery(server.uuid),
    enabled: readable && can(server, "backup-groups.read"),
  });
  const again = () => client.invalidateQueries({ queryKey: backupsKey(server.uuid) });
  const changeable = isChangeable(state);
  const limit = server.feature_limits.backups;
  // Only the list of all backups knows how many there are.
  const used = !group && !search ? list.data?.total : undefined;
  const full = used !== undefined && used >= limit;
  const shown = groups.data?.find((g) => g.uuid === group);
  const close = () => setOpen(null);

  const create = rights.create ? (
    <Button
      look="primary"
      icon={IconPlus}
      disabled={!changeable || full || limit === 0}
      title={full ? t(limit === 0 ? m.noneAllowed : m.full, { limit }) : undefined}
      onClick={() => setOpen("backup")}
    >
      {t(m.create)}
    </Button>
  ) : null;
  const tab = (value: string | undefined, label: string) => (
    <Link
      key={value ?? "all"}
      to="/server/$server/backups"
      params={{ server: server.uuid_short }}
      search={value ? { group: value } : {}}
      activeOptions={{ exact: true, includeSearch: true }}
      aria-current={group === value ? "page" : undefined}
    >
      {label}
    </Link>
  );

  return (
    <ServerPageBody
      title={m.backups}
      needs="backups.read"
      note={used === undefined ? null : t(m.used, { used, limit })}
      actions={create}
    >
      {server.status === "backup_restore_failed" ? <Stuck onDone={again} /> : null}
      {limit === 0 ? <p className="sm t3">{t(m.noneAllowed)}</p> : null}
      {full && limit > 0 ? <p className="sm t3">{t(m.full, { limit })}</p> : null}
      {groups.isError ? <InlineFailure error={groups.error} /> : null}
      {groups.data && (groups.data.length > 0 || can(server, "backup-groups.create")) ? (
        <div className="row wrap g12">
          <nav className="tabs grow" aria-label={t(m.groups)}>
            {tab(undefined, t(m.all))}
            {groups.data.map((g) => tab(g.uuid, g.name))}
            {groups.data.length > 0 ? tab("none", t(m.ungrouped)) : null}
          </nav>
          {can(server, "backup-groups.create") ? (
            <Button size="sm" icon={IconPlus} onClick={() => setOpen("group")}>
              {t(m.newGroup)}
            </Button>
          ) : null}
        </div>
      ) : null}
      {shown ? (
        <div className="row wrap g8">
          {shown.retention_count ? (
            <span className="tag">
              <Icon of={IconRepeat} />
              {t(m.keeps, { count: shown.retention_count })}
            </span>
          ) : null}
          {shown.retention_days ? (
            <span className="tag">
              <Icon of={IconRepeat} />
              {t(m.keepsDays, { count: shown.retention_days })}
            </span>
          ) : null}
          <GroupMenu
            group={shown}
            onEdit={() => setOpen(shown)}
            onDeleted={async () => {
              await navigate({ search: {} });
              await again();
            }}
          />
        </div>
      ) : null}
      <ListTable
        caption={t(m.backups)}
        query={list}
        rowKey={(b) => b.uuid}
        loadFailed={t(m.loadFailed)}
        search={{
          value: search,
          placeholder: t(m.filter),
          onChange: (text) =>
            void navigate({
              search: { ...(group ? { group } : {}), ...(text ? { search: text } : {}) },
              replace: true,
            }),
        }}
        onPage={(next) => void navigate({ search: (old) => ({ ...old, page: next }) })}
        empty={
          <EmptyWire title={t(m.emptyTitle)} text={t(rights.create ? m.emptyText : m.emptyReadOnly)}>
            {limit > 0 ? create : null}
          </EmptyWire>
        }
        columns={[
          {
            key: "state",
            head: t(m.state),
            phone: "meta",
            cell: (b) => <BackupState backup={b} />,
          },
          {
            key: "name",
            head: t(m.name),
            cell: (b) => (
              <span>
                <span className="nm breakable">{b.name}</span>
                {b.is_locked ? <span className="tag plain">{t(m.locked)}</span> : null}
                {b.state === "successful" && b.files > 0 ? (
                  <span className="sm t3 block">
                    {t(m.files, { count: b.files })}
                    {b.checksum ? <span className="mono"> {b.checksum.slice(0, 16)}…</span> : null}
                  </span>
                ) : null}
                {b.state === "failed" ? (
                  <span className="sm t3 block breakable">
                    {t(m.notDone, { error: b.error ?? t(m.unknown) })}
                  </span>
                ) : null}
                {b.deletion_status === "failed" ? (
                  <span className="sm t3 block breakable">
                    {t(m.notGone, { error: b.error ?? t(m.unknown) })}
                  </span>
                ) : null}
              </span>
            ),
          },
          {
            key: "size",
            head: t(m.size),
            num: true,
            phone: "meta",
            cell: (b) => <span className="t2">{b.state === "successful" ? bytes(b.bytes) : ""}</span>,
          },
          {
            key: "made",
            head: t(m.made),
            phone: "meta",
            cell: (b) => (
              <time className="sm t2 nowrap" dateTime={b.created}>
                {dateTime(new Date(b.created))}
              </time>
            ),
          },
          {
            key: "acts",
            head: t(m.actions),
            phone: "acts",
            cell: (b) => (
              <BackupActions backup={b} rights={rights} groups={groups.data ?? []} fixed={!changeable} />
            ),
          },
        ]}
      />
      <Dialog title={t(m.createTitle)} open={open === "backup"} onClose={close}>
        <CreateForm
          groups={groups.data ?? []}
          group={group && group !== "none" ? group : ""}
          onCancel={close}
          onDone={async () => {
            close();
            toast(t(m.started));
            await again();
          }}
        />
      </Dialog>
      <Dialog
        title={t(open === "group" ? m.newGroup : m.editGroup)}
        open={open !== null && open !== "backup"}
        onClose={close}
      >
        {open !== null && open !== "backup" ? (
          <GroupForm
            known={open === "group" ? null : open}
            onCancel={close}
            onDone={async (name) => {
              close();
              toast(t(m.groupSaved, { name }));
              await again();
            }}
          />
        ) : null}
      </Dialog>
    </ServerPageBody>
  );
}

/** A restore that failed leaves the server closed until somebody has looked at it. */
function Stuck({ onDone }: { onDone: () => Promise<void> }) {
  const t = useT();
  const client = useQueryClient();
  const { server } = useServer();
  const unlock = useMutation({
    mutationFn: () => unlockServer(server.uuid),
    onSuccess: async () => {
      toast(t(m.wentOn));
      await Promise.all([client.invalidateQueries({ queryKey: ["servers"] }), onDone()]);
    },
    onError: (error) => toastFailure(t(m.goOn), asFailure(error)),
  });
  if (!can(server, "backups.restore")) return null;
  return (
    <div className="banner">
      <p className="grow">{t(m.stuck)}</p>
      <Button size="sm" busy={unlock.isPending} onClick={() => unlock.mutate()}>
        {t(m.goOn)}
      </Button>
    </div>
  );
}
