import {
  IconDotsVertical,
  IconDownload,
  IconEdit,
  IconLock,
  IconLockOpen,
  IconRestore,
  IconTrash,
} from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import * as v from "valibot";
import { asFailure } from "@/api/error";
import { useServer } from "@/features/server/context";
import { useT } from "@/i18n";
import { Button, IconButton } from "@/ui/button";
import { Confirm, Dialog } from "@/ui/dialog";
import { SelectField, Switch, TextField } from "@/ui/field";
import { Icon } from "@/ui/icon";
import { Menu } from "@/ui/menu";
import { RecordFrame, useRecordForm } from "@/ui/record-form";
import { toast, toastFailure } from "@/ui/toasts";
import { m } from "./messages";
import {
  type Backup,
  backupLink,
  backupsKey,
  changeBackup,
  deleteBackup,
  type Group,
  restoreBackup,
} from "./requests";
import { isBusy, isUsable, type Rights } from "./states";

interface Props {
  backup: Backup;
  rights: Rights;
  groups: Group[];
  /** Nothing can be changed in the server's state now. */
  fixed: boolean;
}

/** What can be done with a backup. */
export function BackupActions({ backup, rights, groups, fixed }: Props) {
  const t = useT();
  const client = useQueryClient();
  const { server } = useServer();
  const [open, setOpen] = useState<"edit" | "restore" | "delete" | null>(null);
  const { name } = backup;
  const again = () => client.invalidateQueries({ queryKey: backupsKey(server.uuid) });
  const close = () => setOpen(null);
  const lock = useMutation({
    mutationFn: () => changeBackup(server.uuid, backup.uuid, { locked: !backup.is_locked }),
    onError: (error) => toastFailure(t(m.notChanged, { name }), asFailure(error)),
    onSettled: again,
  });
  const download = useMutation({
    mutationFn: () => backupLink(server.uuid, backup.uuid),
    onSuccess: (url) => window.location.assign(url),
    onError: (error) => toastFailure(t(m.notDownloaded), asFailure(error)),
  });
  const remove = useMutation({
    mutationFn: () => deleteBackup(server.uuid, backup.uuid),
    onSuccess: async () => {
      close();
      toast(t(m.deleted, { name }));
      await again();
    },
  });
  const usable = isUsable(backup);
  // What is being made can be called off; what is going away already can't.
  const removable = backup.deletion_status !== "deleting" && !backup.is_locked;
  if (!Object.values(rights).some(Boolean)) return null;
  return (
    <>
      <Menu width={220} position="bottom-end" offset={4}>
        <Menu.Target>
          <IconButton icon={IconDotsVertical} label={t(m.actionsFor, { name })} />
        </Menu.Target>
        <Menu.Dropdown>
          {rights.download ? (
            <Menu.Item
              leftSection={<Icon of={IconDownload} />}
              disabled={!usable || download.isPending}
              onClick={() => download.mutate()}
            >
              {t(m.download)}
            </Menu.Item>
          ) : null}
          {rights.restore ? (
            <Menu.Item
              leftSection={<Icon of={IconRestore} />}
              disabled={!usable || fixed}
              onClick={() => setOpen("restore")}
            >
              {t(m.restore)}
            </Menu.Item>
          ) : null}
          {rights.update ? (
            <>
              <Menu.Item leftSection={<Icon of={IconEdit} />} onClick={() => setOpen("edit")}>
                {t(m.edit)}
              </Menu.Item>
              <Menu.Item
                leftSection={<Icon of={backup.is_locked ? IconLockOpen : IconLock} />}
                onClick={() => lock.mutate()}
              >
                {t(backup.is_locked ? m.unlock : m.lock)}
              </Menu.Item>
            </>
          ) : null}
          {rights.delete ? (
            <Menu.Item
              leftSection={<Icon of={IconTrash} />}
              data-danger
              disabled={!removable}
              onClick={() => setOpen("delete")}
            >
              {t(isBusy(backup) ? m.callOff : m.delete)}
            </Menu.Item>
          ) : null}
        </Menu.Dropdown>
      </Menu>
      <Dialog title={t(m.restoreTitle, { name })} open={open === "restore"} onClose={close}>
        <Restore
          backup={backup}
          startup={rights.startup}
          onCancel={close}
          onDone={async () => {
            close();
            toast(t(m.restoring, { name }));
            await Promise.all([client.invalidateQueries({ queryKey: ["servers"] }), again()]);
          }}
        />
      </Dialog>
      <Dialog title={t(m.editTitle, { name })} open={open === "edit"} onClose={close}>
        <Edit
          backup={backup}
          groups={groups}
          onCancel={close}
          onDone={async () => {
            close();
            await again();
          }}
        />
      </Dialog>
      <Confirm
        title={t(m.deleteTitle, { name })}
        text={t(m.deleteText)}
        keep={t(m.keep)}
        act={t(isBusy(backup) ? m.callOff : m.delete)}
        open={open === "delete"}
        busy={remove.isPending}
        error={remove.error}
        onClose={() => {
          remove.reset();
          close();
        }}
        onConfirm={() => remove.mutate()}
      />
    </>
  );
}

interface FormProps {
  backup: Backup;
  onCancel: () => void;
  onDone: () => Promise<void>;
}

function Restore({ backup, startup, onCancel, onDone }: FormProps & { startup: boolean }) {
  const t = useT();
  const { server } = useServer();
  const form = useRecordForm({
    initial: { truncate_directory: false as boolean, restore_startup: false as boolean },
    checks: { truncate_directory: v.boolean(), restore_startup: v.boolean() },
    send: (body) => restoreBackup(server.uuid, backup.uuid, body),
    done: onDone,
  });
  return (
    <RecordFrame form={form} submit={t(m.restore)} back={<Button onClick={onCancel}>{t(m.cancel)}</Button>}>
      <p className="sm t2">{t(m.restoreText)}</p>
      <Switch label={t(m.truncate)} hint={t(m.truncateHint)} {...form.toggle("truncate_directory")} />
      {startup ? (
        <Switch label={t(m.startup)} hint={t(m.startupHint)} {...form.toggle("restore_startup")} />
      ) : null}
    </RecordFrame>
  );
}

function Edit({ backup, groups, onCancel, onDone }: FormProps & { groups: Group[] }) {
  const t = useT();
  const { server } = useServer();
  const form = useRecordForm({
    initial: { name: backup.name, backup_group_uuid: backup.backup_group_uuid ?? "" },
    checks: {
      name: v.pipe(v.string(), v.trim(), v.nonEmpty(t(m.nameNeeded)), v.maxLength(255)),
      backup_group_uuid: v.string(),
    },
    send: ({ name, backup_group_uuid }) =>
      changeBackup(server.uuid, backup.uuid, {
        name: name.trim(),
        backup_group_uuid: backup_group_uuid || null,
      }),
    done: onDone,
  });
  return (
    <RecordFrame form={form} submit={t(m.save)} back={<Button onClick={onCancel}>{t(m.cancel)}</Button>}>
      <TextField label={t(m.name)} autoComplete="off" {...form.field("name")} />
      {groups.length > 0 ? (
        <SelectField label={t(m.group)} {...form.field("backup_group_uuid")}>
          <option value="">{t(m.noGroup)}</option>
          {groups.map((g) => (
            <option key={g.uuid} value={g.uuid}>
              {g.name}
            </option>
          ))}
        </SelectField>
      ) : null}
    </RecordFrame>
  );
}
