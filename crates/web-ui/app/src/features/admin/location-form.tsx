import type { ReactNode } from "react";
import { api, take } from "@/api/client";
import type { Location } from "@/api/queries";
import { useT } from "@/i18n";
import { TextField } from "@/ui/field";
import { RecordFrame, useRecordForm } from "@/ui/record-form";
import { optionalText, text } from "./checks";
import { m } from "./messages";

interface Props {
  location?: Location;
  submit: string;
  onDone: (name: string) => void | Promise<void>;
  /** Stands before the submit button. */
  back?: ReactNode;
}

/** Creates or changes a location. */
export function LocationForm({ location, submit, onDone, back }: Props) {
  const t = useT();
  const form = useRecordForm({
    initial: { name: location?.name ?? "", description: location?.description ?? "" },
    checks: { name: text(t), description: optionalText(t, 1024) },
    send: async ({ name, description }) => {
      const body = { name: name.trim(), description: description.trim() || null };
      if (location)
        await take(
          api.PATCH("/api/admin/locations/{location}", {
            params: { path: { location: location.uuid } },
            body,
          }),
        );
      else await take(api.POST("/api/admin/locations", { body }));
    },
    done: (_, values) => onDone(values.name.trim()),
  });
  return (
    <RecordFrame form={form} submit={submit} back={back}>
      <TextField
        label={t(m.locationName)}
        hint={t(m.locationNameHint)}
        data-autofocus
        {...form.field("name")}
      />
      <TextField label={t(m.description)} optional {...form.field("description")} />
    </RecordFrame>
  );
}
