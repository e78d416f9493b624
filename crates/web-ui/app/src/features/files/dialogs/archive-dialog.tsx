import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { asFailure } from "@/api/error";
import { useT } from "@/i18n";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { InlineFailure } from "@/ui/failure";
import { SelectField, TextField } from "@/ui/field";
import { toast } from "@/ui/toasts";
import { refreshLists } from "../changes";
import { m } from "../messages";
import { nameOf, nameProblem } from "../paths";
import { type ArchiveFormat, endings, formats, MOST_NAMED, pack } from "../requests";

interface Props {
  server: string;
  directory: string;
  names: readonly string[];
  taken: ReadonlySet<string>;
  onClose: () => void;
}

export function ArchiveDialog({ server, directory, names, taken, onClose }: Props) {
  const t = useT();
  const client = useQueryClient();
  const first = names.length === 1 ? (names[0] ?? "") : nameOf(directory);
  const [name, setName] = useState(first || "archive");
  const [format, setFormat] = useState<ArchiveFormat>("tar_gz");
  const whole = `${name}.${endings[format]}`;
  const problem = name === "" ? null : nameProblem(whole, taken);
  const tooMany = names.length > MOST_NAMED;
  const create = useMutation({
    mutationFn: () =>
      pack(server, { root: directory, files: [...names], format, ...(name === "" ? {} : { name: whole }) }),
    onSuccess: (answer) => {
      const made = "entry" in answer ? answer.entry.name : whole;
      toast(t("identifier" in answer ? m.packing : m.packed, { name: made }));
      onClose();
    },
    onSettled: () => refreshLists(client, server, directory),
  });
  // Pterodactyl's daemon names its archives itself.
  const lacks = create.error !== null && asFailure(create.error).code === "node_lacks_capability";
  return (
    <Dialog title={t(m.archiveTitle, { count: names.length, name: names[0] ?? "" })} open onClose={onClose}>
      <form
        className="stack g12"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (!problem && !tooMany && !create.isPending) create.mutate();
        }}
      >
        <TextField
          label={t(m.archiveName)}
          value={name}
          mono
          optional
          unit={`.${endings[format]}`}
          autoComplete="off"
          spellCheck={false}
          hint={t(m.archiveNameHint)}
          error={problem ? t(m[`name_${problem}`]) : undefined}
          onChange={(event) => setName(event.currentTarget.value)}
          data-autofocus
        />
        <SelectField
          label={t(m.format)}
          value={format}
          onChange={(event) => setFormat(event.currentTarget.value as ArchiveFormat)}
        >
          {formats.map((f) => (
            <option key={f} value={f}>
              {`.${endings[f]}`}
            </option>
          ))}
        </SelectField>
        {tooMany ? <p className="errmsg">{t(m.tooManyNamed, { count: MOST_NAMED })}</p> : null}
        {create.error ? <InlineFailure error={create.error} /> : null}
        {lacks ? <p className="hint">{t(m.archiveLacks)}</p> : null}
        <div className="row dialog-foot">
          <Button onClick={onClose}>{t(m.cancel)}</Button>
          <Button look="primary" type="submit" busy={create.isPending} disabled={tooMany}>
            {t(m.archiveAct)}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
