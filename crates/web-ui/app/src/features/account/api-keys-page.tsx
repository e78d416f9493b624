import { IconDotsVertical, IconEdit, IconPlus, IconRefresh, IconTrash } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useT } from "@/i18n";
import { ago, date, dateTime } from "@/lib/format";
import { Button, IconButton } from "@/ui/button";
import { Confirm, Dialog } from "@/ui/dialog";
import { EmptyWire } from "@/ui/feedback";
import { Icon } from "@/ui/icon";
import { ListTable } from "@/ui/list-table";
import { Menu } from "@/ui/menu";
import { toast } from "@/ui/toasts";
import { ApiKeyForm } from "./api-key-form";
import { m } from "./messages";
import { type ApiKey, apiKeysQuery, deleteApiKey, renewApiKey } from "./requests";
import { SecretOnce } from "./secret-once";

/** The keys with which programs use the panel as this person. */
export default function ApiKeysPage() {
  const t = useT();
  const client = useQueryClient();
  const navigate = useNavigate({ from: "/account/api-keys" });
  const { page = 1, search = "" } = useSearch({ from: "/signed-in/user/account/api-keys" });
  const list = useQuery(apiKeysQuery(page, search));
  const [edited, setEdited] = useState<ApiKey | "new" | null>(null);
  const [renewed, setRenewed] = useState<ApiKey | null>(null);
  const [leaving, setLeaving] = useState<ApiKey | null>(null);
  const [secret, setSecret] = useState<string | null>(null);
  const again = () => client.invalidateQueries({ queryKey: ["account-api-keys"] });

  const renew = useMutation({
    mutationFn: () => renewApiKey(renewed?.uuid ?? ""),
    onSuccess: async (key) => {
      setRenewed(null);
      setSecret(key);
      await again();
    },
  });
  const remove = useMutation({
    mutationFn: () => deleteApiKey(leaving?.uuid ?? ""),
    onSuccess: async () => {
      toast(t(m.keyDeleted));
      setLeaving(null);
      await again();
    },
  });
  const add = (
    <Button look="primary" icon={IconPlus} onClick={() => setEdited("new")}>
      {t(m.newKey)}
    </Button>
  );

  return (
    <div className="stack g12">
      <div className="row wrap g12">
        <p className="sm t2 grow">{t(m.keysText)}</p>
        {add}
      </div>
      <ListTable
        caption={t(m.apiKeys)}
        query={list}
        rowKey={(key) => key.uuid}
        loadFailed={t(m.keysFailed)}
        search={{
          value: search,
          placeholder: t(m.keySearch),
          onChange: (text) => void navigate({ search: text ? { search: text } : {}, replace: true }),
        }}
        onPage={(next) => void navigate({ search: (old) => ({ ...old, page: next }) })}
        empty={<EmptyWire title={t(m.noKeys)} text={t(m.noKeysText)} />}
        columns={[
          {
            key: "name",
            head: t(m.name),
            cell: (key) => (
              <span>
                <span className="nm breakable">{key.name}</span>
                <span className="mono sm t3 block">{key.key_start}…</span>
              </span>
            ),
          },
          {
            key: "scope",
            head: t(m.key),
            phone: "meta",
            cell: (key) => (
              <span className="sm t2">
                {t(m.scope, {
                  count:
                    key.user_permissions.length +
                    key.server_permissions.length +
                    key.admin_permissions.length,
                })}
                {key.allowed_ips.length > 0 ? (
                  <span className="mono t3 block">{key.allowed_ips.join(", ")}</span>
                ) : null}
              </span>
            ),
          },
          {
            key: "used",
            head: t(m.use),
            phone: "meta",
            cell: (key) => <When at={key.last_used} />,
          },
          {
            key: "expires",
            head: t(m.expires),
            phone: "meta",
            cell: (key) => <Expiry at={key.expires} />,
          },
          {
            key: "acts",
            head: t(m.actionsOf, { name: "" }),
            phone: "acts",
            cell: (key) => (
              <Menu width={200} position="bottom-end" offset={4}>
                <Menu.Target>
                  <IconButton icon={IconDotsVertical} label={t(m.actionsOf, { name: key.name })} />
                </Menu.Target>
                <Menu.Dropdown>
                  <Menu.Item leftSection={<Icon of={IconEdit} />} onClick={() => setEdited(key)}>
                    {t(m.editKey)}
                  </Menu.Item>
                  <Menu.Item leftSection={<Icon of={IconRefresh} />} onClick={() => setRenewed(key)}>
                    {t(m.renewKey)}
                  </Menu.Item>
                  <Menu.Item
                    leftSection={<Icon of={IconTrash} />}
                    data-danger
                    onClick={() => setLeaving(key)}
                  >
                    {t(m.deleteKey)}
                  </Menu.Item>
                </Menu.Dropdown>
              </Menu>
            ),
          },
        ]}
      />
      <Dialog
        title={t(edited === "new" ? m.newKey : m.editKey)}
        open={edited !== null}
        onClose={() => setEdited(null)}
        wide="full"
      >
        {edited ? (
          <ApiKeyForm
            known={edited === "new" ? null : edited}
            onCancel={() => setEdited(null)}
            onDone={async (key) => {
              setEdited(null);
              if (key) setSecret(key);
              else toast(t(m.keySaved));
              await again();
            }}
          />
        ) : null}
      </Dialog>
      <Confirm
        title={t(m.renewTitle, { name: renewed?.name ?? "" })}
        text={t(m.renewText)}
        keep={t(m.keep)}
        act={t(m.renewKey)}
        open={renewed !== null}
        busy={renew.isPending}
        error={renew.error}
        onClose={() => {
          renew.reset();
          setRenewed(null);
        }}
        onConfirm={() => renew.mutate()}
      />
      <Confirm
        title={t(m.deleteKeyTitle, { name: leaving?.name ?? "" })}
        text={t(m.deleteKeyText)}
        keep={t(m.keep)}
        act={t(m.deleteKey)}
        open={leaving !== null}
        busy={remove.isPending}
        error={remove.error}
        onClose={() => {
          remove.reset();
          setLeaving(null);
        }}
        onConfirm={() => remove.mutate()}
      />
      <SecretOnce
        title={t(m.keyMade)}
        text={t(m.keyMadeText)}
        secret={secret}
        onClose={() => setSecret(null)}
      />
    </div>
  );
}

function When({ at }: { at: string | null | undefined }) {
  const t = useT();
  if (!at) return <span className="sm t3">{t(m.never)}</span>;
  const moment = new Date(at);
  return (
    <time className="sm t2" dateTime={at} title={dateTime(moment)}>
      {ago(moment, new Date())}
    </time>
  );
}

function Expiry({ at }: { at: string | null | undefined }) {
  const t = useT();
  if (!at) return <span className="sm t3">{t(m.expiresNever)}</span>;
  const moment = new Date(at);
  return (
    <span className="sm t2">
      <time dateTime={at} title={dateTime(moment)}>
        {date(moment)}
      </time>
      {moment < new Date() ? <span className="tag warn"> {t(m.expired)}</span> : null}
    </span>
  );
}
