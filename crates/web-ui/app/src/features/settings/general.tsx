import { useQueryClient } from "@tanstack/react-query";
import * as v from "valibot";
import { useServer } from "@/features/server/context";
import { isChangeable, useServerPatch } from "@/features/server/page";
import { can } from "@/features/servers/state";
import { useT } from "@/i18n";
import { Button } from "@/ui/button";
import { InlineFailure } from "@/ui/failure";
import { TextArea, TextField } from "@/ui/field";
import { useRecordForm } from "@/ui/record-form";
import { toast } from "@/ui/toasts";
import { m } from "./messages";
import { rename } from "./requests";

/** What people call the server. */
export function General() {
  const t = useT();
  const client = useQueryClient();
  const patch = useServerPatch();
  const { server, state } = useServer();
  const form = useRecordForm({
    initial: { name: server.name, description: server.description ?? "" },
    checks: {
      name: v.pipe(
        v.string(),
        v.trim(),
        v.nonEmpty(t(m.needed)),
        v.maxLength(255, t(m.tooLong, { max: 255 })),
      ),
      description: v.pipe(v.string(), v.trim(), v.maxLength(1024, t(m.tooLong, { max: 1024 }))),
    },
    send: async ({ name, description }) => {
      // The new name stands everywhere at once; a refusal brings the old one back.
      const undo = patch({ name: name.trim(), description: description.trim() || null });
      try {
        await rename(server.uuid, name.trim(), description.trim());
      } catch (error) {
        undo();
        throw error;
      }
    },
    done: async () => {
      toast(t(m.renamed));
      await client.invalidateQueries({ queryKey: ["servers"] });
    },
  });
  const dirty =
    form.values.name.trim() !== server.name || form.values.description.trim() !== (server.description ?? "");
  if (!can(server, "settings.rename"))
    return (
      <section className="card pad stack g8">
        <h2>{server.name}</h2>
        <p className="t2 breakable">{server.description || t(m.noDescription)}</p>
      </section>
    );
  return (
    <section className="card">
      <div className="hd">
        <h2>{t(m.general)}</h2>
      </div>
      <form className="bd stack" onSubmit={form.onSubmit} noValidate>
        {form.failure ? <InlineFailure error={form.failure} /> : null}
        <TextField label={t(m.name)} autoComplete="off" {...form.field("name")} />
        <TextArea label={t(m.description)} optional {...form.field("description")} />
        <div className="row dialog-foot">
          <Button type="submit" look="primary" busy={form.busy} disabled={!isChangeable(state) || !dirty}>
            {t(m.save)}
          </Button>
        </div>
      </form>
    </section>
  );
}
