import { IconDotsVertical, IconDownload, IconEdit, IconPlus, IconTrash } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import * as v from "valibot";
import { useT } from "@/i18n";
import { date } from "@/lib/format";
import { Button, IconButton } from "@/ui/button";
import { Confirm, Dialog } from "@/ui/dialog";
import { EmptyWire } from "@/ui/feedback";
import { SelectField, TextArea, TextField } from "@/ui/field";
import { Icon } from "@/ui/icon";
import { ListTable } from "@/ui/list-table";
import { Menu } from "@/ui/menu";
import { RecordFrame, useRecordForm } from "@/ui/record-form";
import { toast } from "@/ui/toasts";
import { m } from "./messages";
import {
  addSshKey,
  deleteSshKey,
  importSshKeys,
  type Provider,
  renameSshKey,
  type SshKey,
  sshKeysQuery,
} from "./requests";

const providers: [Provider, string][] = [
  ["github", "GitHub"],
  ["gitlab", "GitLab"],
  ["launchpad", "Launchpad"],
];

/** Public keys for SFTP. */
export default function SshKeysPage() {
  const t = useT();
  const client = useQueryClient();
  const navigate = useNavigate({ from: "/account/ssh-keys" });
  const { page = 1, search = "" } = useSearch({ from: "/signed-in/user/account/ssh-keys" });
  const list = useQuery(sshKeysQuery(page, search));
  const [open, setOpen] = useState<"add" | "import" | SshKey | null>(null);
  const [leaving, setLeaving] = useState<SshKey | null>(null);
  const close = () => setOpen(null);
  const done = async () => {
    close();
    await client.invalidateQueries({ queryKey: ["account-ssh-keys"] });
  };
  const remove = useMutation({
    mutationFn: () => deleteSshKey(leaving?.uuid ?? ""),
    onSuccess: async () => {
      toast(t(m.sshDeleted));
      setLeaving(null);
      await client.invalidateQueries({ queryKey: ["account-ssh-keys"] });
    },
  });
  return (
    <div className="stack g12">
      <div className="row wrap g12">
        <p className="sm t2 grow">{t(m.sshText)}</p>
        <Button icon={IconDownload} onClick={() => setOpen("import")}>
          {t(m.importSsh)}
        </Button>
        <Button look="primary" icon={IconPlus} onClick={() => setOpen("add")}>
          {t(m.addSsh)}
        </Button>
      </div>
      <ListTable
        caption={t(m.sshKeys)}
        query={list}
        rowKey={(key) => key.uuid}
        loadFailed={t(m.sshFailed)}
        search={{
          value: search,
          placeholder: t(m.keySearch),
          onChange: (text) => void navigate({ search: text ? { search: text } : {}, replace: true }),
        }}
        onPage={(next) => void navigate({ search: (old) => ({ ...old, page: next }) })}
        empty={<EmptyWire title={t(m.noSsh)} text={t(m.noSshText)} />}
        columns={[
          { key: "name", head: t(m.name), cell: (key) => <span className="nm breakable">{key.name}</span> },
          {
            key: "fingerprint",
            head: t(m.fingerprint),
            phone: "meta",
            cell: (key) => <span className="mono sm t2 breakable">{key.fingerprint}</span>,
          },
          {
            key: "created",
            head: t(m.created),
            phone: "meta",
            cell: (key) => (
              <time className="sm t2" dateTime={key.created}>
                {date(new Date(key.created))}
              </time>
            ),
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
                  <Menu.Item leftSection={<Icon of={IconEdit} />} onClick={() => setOpen(key)}>
                    {t(m.renameSsh)}
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
      <Dialog title={t(m.addSsh)} open={open === "add"} onClose={close} wide>
        <Add onDone={done} onCancel={close} />
      </Dialog>
      <Dialog title={t(m.sshImportTitle)} open={open === "import"} onClose={close}>
        <Import onDone={done} onCancel={close} />
      </Dialog>
      <Dialog title={t(m.renameSsh)} open={open !== null && typeof open === "object"} onClose={close}>
        {open !== null && typeof open === "object" ? (
          <Rename sshKey={open} onDone={done} onCancel={close} />
        ) : null}
      </Dialog>
      <Confirm
        title={t(m.deleteSshTitle, { name: leaving?.name ?? "" })}
        text={t(m.deleteSshText)}
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
    </div>
  );
}

interface FormProps {
  onDone: () => Promise<void>;
  onCancel: () => void;
}

function useNamed() {
  const t = useT();
  return v.pipe(v.string(), v.trim(), v.nonEmpty(t(m.needed)), v.maxLength(31, t(m.tooLong, { max: 31 })));
}

function Add({ onDone, onCancel }: FormProps) {
  const t = useT();
  const form = useRecordForm({
    initial: { name: "", public_key: "" },
    checks: {
      name: useNamed(),
      public_key: v.pipe(v.string(), v.trim(), v.nonEmpty(t(m.needed))),
    },
    send: ({ name, public_key }) => addSshKey(name.trim(), public_key.trim()),
    done: async () => {
      toast(t(m.sshAdded));
      await onDone();
    },
  });
  return (
    <RecordFrame form={form} submit={t(m.addSsh)} back={<Button onClick={onCancel}>{t(m.cancel)}</Button>}>
      <TextField label={t(m.name)} autoComplete="off" {...form.field("name")} />
      <TextArea
        label={t(m.publicKey)}
        hint={t(m.publicKeyHint)}
        mono
        rows={4}
        spellCheck={false}
        {...form.field("public_key")}
      />
    </RecordFrame>
  );
}

function Import({ onDone, onCancel }: FormProps) {
  const t = useT();
  const form = useRecordForm({
    initial: { provider: "github" as string, username: "" },
    checks: {
      provider: v.string(),
      username: v.pipe(v.string(), v.trim(), v.nonEmpty(t(m.needed))),
    },
    send: ({ provider, username }) => importSshKeys(provider as Provider, username.trim()),
    done: async (keys) => {
      toast(t(m.sshImported, { count: keys.length }));
      await onDone();
    },
  });
  return (
    <RecordFrame form={form} submit={t(m.importSsh)} back={<Button onClick={onCancel}>{t(m.cancel)}</Button>}>
      <p className="sm t2">{t(m.sshImportText)}</p>
      <SelectField label={t(m.provider)} {...form.field("provider")}>
        {providers.map(([value, name]) => (
          <option key={value} value={value}>
            {name}
          </option>
        ))}
      </SelectField>
      <TextField
        label={t(m.siteUser)}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        {...form.field("username")}
      />
    </RecordFrame>
  );
}

function Rename({ sshKey, onDone, onCancel }: FormProps & { sshKey: SshKey }) {
  const t = useT();
  const form = useRecordForm({
    initial: { name: sshKey.name },
    checks: { name: useNamed() },
    send: ({ name }) => renameSshKey(sshKey.uuid, name.trim()),
    done: async () => {
      toast(t(m.sshRenamed));
      await onDone();
    },
  });
  return (
    <RecordFrame form={form} submit={t(m.save)} back={<Button onClick={onCancel}>{t(m.cancel)}</Button>}>
      <TextField label={t(m.name)} autoComplete="off" {...form.field("name")} />
    </RecordFrame>
  );
}
