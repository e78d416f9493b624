import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useT } from "@/i18n";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { InlineFailure } from "@/ui/failure";
import { TextField } from "@/ui/field";
import { toast } from "@/ui/toasts";
import { refreshLists, useRename } from "../changes";
import { m } from "../messages";
import { join, nameProblem } from "../paths";
import { createDirectory, write } from "../requests";

interface FrameProps {
  title: string;
  label: string;
  act: string;
  initial: string;
  hint?: string;
  taken: ReadonlySet<string>;
  busy?: boolean;
  error?: unknown;
  onClose: () => void;
  onName: (name: string) => void;
}

/** Asks for a name beside others. */
function NameDialog({ title, label, act, initial, hint, taken, busy, error, onClose, onName }: FrameProps) {
  const t = useT();
  const [name, setName] = useState(initial);
  const [shown, setShown] = useState(false);
  const problem = nameProblem(name, taken);
  // A name that is taken is worth saying while typing; the rest when it is sent.
  const told = problem && (shown || problem === "taken") ? t(m[`name_${problem}`]) : undefined;
  function submit(event: FormEvent) {
    event.preventDefault();
    setShown(true);
    if (!problem && !busy) onName(name);
  }
  return (
    <Dialog title={title} open onClose={onClose}>
      <form className="stack g12" onSubmit={submit} noValidate>
        <TextField
          label={label}
          value={name}
          hint={hint}
          error={told}
          mono
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          data-autofocus
          onFocus={(event) => {
            // The ending is seldom what changes.
            const dot = name.lastIndexOf(".");
            event.currentTarget.setSelectionRange(0, dot > 0 ? dot : name.length);
          }}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        {error ? <InlineFailure error={error} /> : null}
        <div className="row dialog-foot">
          <Button onClick={onClose}>{t(m.cancel)}</Button>
          <Button look="primary" type="submit" busy={busy ?? false}>
            {act}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

interface CreateProps {
  server: string;
  directory: string;
  kind: "file" | "folder";
  taken: ReadonlySet<string>;
  onClose: () => void;
  onMade: (name: string) => void;
}

export function CreateDialog({ server, directory, kind, taken, onClose, onMade }: CreateProps) {
  const t = useT();
  const client = useQueryClient();
  const create = useMutation({
    mutationFn: (name: string): Promise<unknown> =>
      kind === "folder"
        ? createDirectory(server, directory, name)
        : write(server, join(directory, name), new Uint8Array()),
    onSuccess: async (_, name) => {
      await refreshLists(client, server, directory);
      toast(t(m.created, { name }));
      onMade(name);
    },
  });
  return (
    <NameDialog
      title={t(kind === "folder" ? m.newFolder : m.newFile)}
      label={t(m.name)}
      act={t(kind === "folder" ? m.createFolder : m.createFile)}
      initial=""
      taken={taken}
      busy={create.isPending}
      error={create.error}
      onClose={onClose}
      onName={(name) => create.mutate(name)}
    />
  );
}

interface RenameProps {
  server: string;
  directory: string;
  name: string;
  taken: ReadonlySet<string>;
  onClose: () => void;
}

/** Renames one: the list shows the new name at once, so the dialog need not wait. */
export function RenameDialog({ server, directory, name, taken, onClose }: RenameProps) {
  const t = useT();
  const rename = useRename(server, directory);
  const others = new Set(taken);
  others.delete(name);
  return (
    <NameDialog
      title={t(m.renameTitle, { name })}
      label={t(m.newName)}
      act={t(m.rename)}
      initial={name}
      taken={others}
      onClose={onClose}
      onName={(to) => {
        if (to !== name) rename.mutate([{ from: name, to }]);
        onClose();
      }}
    />
  );
}
