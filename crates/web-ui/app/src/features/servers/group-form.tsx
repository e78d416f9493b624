import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import * as v from "valibot";
import { serversQuery } from "@/api/queries";
import { useT } from "@/i18n";
import { Button } from "@/ui/button";
import { ComboMany } from "@/ui/combo";
import { TextField } from "@/ui/field";
import { RecordFrame, useRecordForm } from "@/ui/record-form";
import { changeGroup, createGroup, type Group, groupServersQuery } from "./group-requests";
import { m } from "./messages";

interface Props {
  known: Group | null;
  onCancel: () => void;
  /** The group's id. */
  onDone: (group: string) => Promise<void>;
}

/** What a group is called, and which servers it holds; they stand in it in the order they are chosen. */
export function GroupForm({ known, onCancel, onDone }: Props) {
  const t = useT();
  const [servers, setServers] = useState<string[]>(known?.server_order ?? []);
  const [search, setSearch] = useState("");
  const found = useQuery(serversQuery({ per_page: 50, ...(search ? { search } : {}) }));
  // The names of those that are chosen already.
  const held = useQuery({ ...groupServersQuery(known?.uuid ?? "", ""), enabled: known !== null });
  const options = [...(held.data?.data ?? []), ...(found.data?.data ?? [])];
  const form = useRecordForm({
    initial: { name: known?.name ?? "" },
    checks: {
      name: v.pipe(
        v.string(),
        v.trim(),
        v.minLength(2, t(m.groupNameShort)),
        v.maxLength(31, t(m.groupNameLong)),
      ),
    },
    send: async ({ name }) => {
      if (!known) return (await createGroup(name.trim(), servers)).uuid;
      await changeGroup(known.uuid, name.trim(), servers);
      return known.uuid;
    },
    done: onDone,
  });
  return (
    <RecordFrame form={form} submit={t(m.saveGroup)} back={<Button onClick={onCancel}>{t(m.cancel)}</Button>}>
      <TextField label={t(m.groupName)} autoComplete="off" {...form.field("name")} />
      <ComboMany
        label={t(m.groupServers)}
        hint={t(m.groupServersHint)}
        placeholder={t(m.groupServersFind)}
        empty={t(m.nothing)}
        options={[...new Map(options.map((s) => [s.uuid, { value: s.uuid, label: s.name }])).values()]}
        onSearch={setSearch}
        values={servers}
        onChange={setServers}
      />
    </RecordFrame>
  );
}
