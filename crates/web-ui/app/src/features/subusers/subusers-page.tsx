import { IconDotsVertical, IconEdit, IconShieldCheck, IconTrash, IconUserPlus } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { accountQuery } from "@/api/queries";
import { useServer } from "@/features/server/context";
import { ServerPageBody } from "@/features/server/page";
import { can } from "@/features/servers/state";
import { useT } from "@/i18n";
import { date } from "@/lib/format";
import { Button, IconButton } from "@/ui/button";
import { Confirm, Dialog } from "@/ui/dialog";
import { EmptyWire } from "@/ui/feedback";
import { Icon } from "@/ui/icon";
import { ListTable } from "@/ui/list-table";
import { Menu } from "@/ui/menu";
import { toast } from "@/ui/toasts";
import { m } from "./messages";
import { removeSubuser, type Subuser, subusersQuery } from "./requests";
import { ShareForm } from "./share-form";

/** Who else may see and use a server. */
export default function SubusersPage() {
  const t = useT();
  const client = useQueryClient();
  const navigate = useNavigate({ from: "/server/$server/people" });
  const { page = 1, search = "" } = useSearch({ from: "/signed-in/server/$server/people" });
  const { server } = useServer();
  const { data: me } = useSuspenseQuery(accountQuery);
  const [edited, setEdited] = useState<Subuser | "new" | null>(null);
  const [leaving, setLeaving] = useState<Subuser | null>(null);
  const may = (verb: string) => can(server, `subusers.${verb}`);
  const list = useQuery({ ...subusersQuery(server.uuid, page, search), enabled: may("read") });
  const again = () => client.invalidateQueries({ queryKey: ["servers", "subusers", server.uuid] });
  const remove = useMutation({
    mutationFn: () => removeSubuser(server.uuid, leaving?.user.uuid ?? ""),
    onSuccess: async () => {
      toast(t(m.removed, { name: leaving?.user.username ?? "" }));
      setLeaving(null);
      await again();
    },
  });
  const inviteButton = may("create") ? (
    <Button look="primary" icon={IconUserPlus} onClick={() => setEdited("new")}>
      {t(m.invite)}
    </Button>
  ) : null;

  return (
    <ServerPageBody
      title={m.title}
      needs="subusers.read"
      note={list.data && !search ? t(m.note, { count: list.data.total }) : null}
      actions={inviteButton}
    >
      <ListTable
        caption={t(m.title)}
        query={list}
        rowKey={(s) => s.user.uuid}
        loadFailed={t(m.loadFailed)}
        search={{
          value: search,
          placeholder: t(m.search),
          onChange: (text) => void navigate({ search: text ? { search: text } : {}, replace: true }),
        }}
        onPage={(next) => void navigate({ search: (old) => ({ ...old, page: next }) })}
        empty={<EmptyWire title={t(m.emptyTitle)} text={t(m.emptyText)} />}
        columns={[
          {
            key: "person",
            head: t(m.person),
            cell: (s) => (
              <span>
                <span className="nm">{s.user.username}</span>
                <span className="sm t3 block">
                  {s.user.totp_enabled ? <Icon of={IconShieldCheck} size="s" /> : null}{" "}
                  {t(s.user.totp_enabled ? m.secondFactor : m.noSecondFactor)}
                </span>
              </span>
            ),
          },
          {
            key: "permissions",
            head: t(m.permissions),
            phone: "meta",
            cell: (s) => (
              <span className="sm t2">
                {t(m.count, { count: s.permissions.length })}
                {s.ignored_files.length > 0 ? (
                  <span className="t3 block">{t(m.hiddenCount, { count: s.ignored_files.length })}</span>
                ) : null}
              </span>
            ),
          },
          {
            key: "since",
            head: t(m.since),
            phone: "meta",
            cell: (s) => (
              <time className="sm t2" dateTime={s.created}>
                {date(new Date(s.created))}
              </time>
            ),
          },
          {
            key: "acts",
            head: t(m.actionsOf, { name: "" }),
            phone: "acts",
            cell: (s) =>
              may("update") || may("delete") ? (
                <Menu width={220} position="bottom-end" offset={4}>
                  <Menu.Target>
                    <IconButton
                      icon={IconDotsVertical}
                      label={t(m.actionsOf, { name: s.user.username })}
                      disabled={s.user.uuid === me?.uuid}
                      title={s.user.uuid === me?.uuid ? t(m.yourself) : undefined}
                    />
                  </Menu.Target>
                  <Menu.Dropdown>
                    {may("update") ? (
                      <Menu.Item leftSection={<Icon of={IconEdit} />} onClick={() => setEdited(s)}>
                        {t(m.edit)}
                      </Menu.Item>
                    ) : null}
                    {may("delete") ? (
                      <Menu.Item
                        leftSection={<Icon of={IconTrash} />}
                        data-danger
                        onClick={() => setLeaving(s)}
                      >
                        {t(m.remove)}
                      </Menu.Item>
                    ) : null}
                  </Menu.Dropdown>
                </Menu>
              ) : null,
          },
        ]}
      />
      <Dialog
        title={
          edited !== null && edited !== "new"
            ? t(m.editTitle, { name: edited.user.username })
            : t(m.inviteTitle)
        }
        open={edited !== null}
        onClose={() => setEdited(null)}
        wide="full"
      >
        {edited ? (
          <ShareForm
            known={edited === "new" ? null : edited}
            onCancel={() => setEdited(null)}
            onDone={async (made) => {
              setEdited(null);
              toast(made ? t(m.invited, { name: made.user.username }) : t(m.saved));
              await again();
            }}
          />
        ) : null}
      </Dialog>
      <Confirm
        title={t(m.removeTitle, { name: leaving?.user.username ?? "" })}
        text={t(m.removeText)}
        keep={t(m.keep)}
        act={t(m.remove)}
        open={leaving !== null}
        busy={remove.isPending}
        error={remove.error}
        onClose={() => {
          remove.reset();
          setLeaving(null);
        }}
        onConfirm={() => remove.mutate()}
      />
    </ServerPageBody>
  );
}
