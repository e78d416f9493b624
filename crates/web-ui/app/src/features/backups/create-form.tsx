import * as v from "valibot";
import { useServer } from "@/features/server/context";
import { useT } from "@/i18n";
import { Button } from "@/ui/button";
import { SelectField, TextArea, TextField } from "@/ui/field";
import { RecordFrame, useRecordForm } from "@/ui/record-form";
import { m } from "./messages";
import { createBackup, type Group } from "./requests";
import { patterns } from "./states";

interface Props {
  groups: Group[];
  /** The group that is chosen at first. */
  group: string;
  onCancel: () => void;
  onDone: () => Promise<void>;
}

/** What a new backup is called, where it goes, and what is left out. */
export function CreateForm({ groups, group, onCancel, onDone }: Props) {
  const t = useT();
  const { server } = useServer();
  const form = useRecordForm({
    initial: { name: "", backup_group_uuid: group, ignored_files: "" },
    checks: {
      name: v.pipe(v.string(), v.trim(), v.maxLength(255)),
      backup_group_uuid: v.string(),
      ignored_files: v.string(),
    },
    send: ({ name, backup_group_uuid, ignored_files }) =>
      createBackup(server.uuid, {
        name: name.trim() || null,
        backup_group_uuid: backup_group_uuid || null,
        ignored_files: patterns(ignored_files),
      }),
    done: onDone,
  });
  return (
    <RecordFrame form={form} submit={t(m.createAct)} back={<Button onClick={onCancel}>{t(m.cancel)}</Button>}>
      <TextField label={t(m.name)} hint={t(m.nameHint)} optional autoComplete="off" {...form.field("name")} />
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
      <TextArea
        label={t(m.ignored)}
        hint={t(m.ignoredHint)}
        optional
        mono
        rows={3}
        spellCheck={false}
        {...form.field("ignored_files")}
      />
    </RecordFrame>
  );
}
