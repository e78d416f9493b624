import { schemaResolver, useForm } from "@mantine/form";
import type { ReactNode } from "react";
import * as v from "valibot";
import { api, take } from "@/api/client";
import type { Location } from "@/api/queries";
import { useT } from "@/i18n";
import { Button } from "@/ui/button";
import { InlineFailure } from "@/ui/failure";
import { TextField } from "@/ui/field";
import { useSubmit } from "@/ui/forms";
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
  const form = useForm({
    mode: "uncontrolled",
    initialValues: { name: location?.name ?? "", description: location?.description ?? "" },
    validate: schemaResolver(v.object({ name: text(t), description: optionalText(t, 1024) }), { sync: true }),
  });
  const { onSubmit, busy, failure } = useSubmit(
    form,
    async ({ name, description }) => {
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
    (_, values) => onDone(values.name.trim()),
  );
  return (
    <form className="stack" onSubmit={onSubmit} noValidate>
      {failure ? <InlineFailure error={failure} /> : null}
      <TextField
        label={t(m.locationName)}
        hint={t(m.locationNameHint)}
        data-autofocus
        {...form.getInputProps("name")}
        key={form.key("name")}
      />
      <TextField
        label={t(m.description)}
        optional
        {...form.getInputProps("description")}
        key={form.key("description")}
      />
      <div className="row dialog-foot">
        {back}
        <Button type="submit" look="primary" busy={busy}>
          {submit}
        </Button>
      </div>
    </form>
  );
}
