import * as v from "valibot";
import { useServer } from "@/features/server/context";
import { useT } from "@/i18n";
import { Button } from "@/ui/button";
import { TextField } from "@/ui/field";
import { RecordFrame, useRecordForm } from "@/ui/record-form";
import { m } from "./messages";
import { changeGroup, createGroup, type Group } from "./requests";
import { count } from "./states";

const MOST = 100_000;

interface Props {
  known: Group | null;
  onCancel: () => void;
  onDone: (name: string) => Promise<void>;
}

/** What a group is called, and how many of its backups are kept for how long. */
export function GroupForm({ known, onCancel, onDone }: Props) {
  const t = useT();
  const { server } = useServer();
  const counted = v.pipe(
    v.string(),
    v.check((text) => count(text, MOST) !== undefined, t(m.countProblem, { most: MOST })),
  );
  const form = useRecordForm({
    initial: {
      name: known?.name ?? "",
      retention_count: known?.retention_count?.toString() ?? "",
      retention_days: known?.retention_days?.toString() ?? "",
    },
    checks: {
      name: v.pipe(v.string(), v.trim(), v.nonEmpty(t(m.nameNeeded)), v.maxLength(255)),
      retention_count: counted,
      retention_days: counted,
    },
    send: async ({ name, retention_count, retention_days }) => {
      const body = {
        name: name.trim(),
        retention_count: count(retention_count, MOST) ?? null,
        retention_days: count(retention_days, MOST) ?? null,
      };
      if (known) await changeGroup(server.uuid, known.uuid, body);
      else await createGroup(server.uuid, body);
    },
    done: (_, { name }) => onDone(name.trim()),
  });
  return (
    <RecordFrame form={form} submit={t(m.save)} back={<Button onClick={onCancel}>{t(m.cancel)}</Button>}>
      <TextField label={t(m.name)} autoComplete="off" {...form.field("name")} />
      <TextField
        label={t(m.keepCount)}
        unit={t(m.keepCountUnit)}
        inputMode="numeric"
        optional
        {...form.field("retention_count")}
      />
      <TextField
        label={t(m.keepDays)}
        unit={t(m.keepDaysUnit)}
        hint={t(m.keepHint)}
        inputMode="numeric"
        optional
        {...form.field("retention_days")}
      />
    </RecordFrame>
  );
}
