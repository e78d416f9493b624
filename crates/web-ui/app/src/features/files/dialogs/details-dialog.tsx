import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useT } from "@/i18n";
import { bytes } from "@/lib/format";
import { Button } from "@/ui/button";
import { CopyChip } from "@/ui/copy";
import { Dialog } from "@/ui/dialog";
import { InlineFailure } from "@/ui/failure";
import { SelectField } from "@/ui/field";
import { m } from "../messages";
import { join } from "../paths";
import { type Algorithm, algorithms, checksum, type FileEntry } from "../requests";
import { whenExact } from "../when";

interface Props {
  server: string;
  directory: string;
  entry: FileEntry;
  /** Whether the person may read what is in files. */
  readable: boolean;
  onClose: () => void;
}

/** The facts of a file, and its checksum when somebody wants to know. */
export function DetailsDialog({ server, directory, entry, readable, onClose }: Props) {
  const t = useT();
  const [algorithm, setAlgorithm] = useState<Algorithm>("sha256");
  const path = join(directory, entry.name);
  const sum = useMutation({ mutationFn: () => checksum(server, path, algorithm) });
  const facts: [string, string][] = [
    [t(m.path), path],
    [t(m.size), entry.directory ? "–" : `${bytes(entry.size)} (${entry.size.toLocaleString()} B)`],
    [t(m.type), entry.mime],
    [t(m.permissions), `${entry.mode_bits}  ${entry.mode}`],
    [t(m.modified), whenExact(entry.modified)],
    [t(m.createdAt), whenExact(entry.created)],
  ];
  return (
    <Dialog title={t(m.detailsTitle, { name: entry.name })} open onClose={onClose}>
      <div className="stack">
        <dl className="dl sm">
          {facts.map(([name, value]) => (
            <div key={name} className="contents">
              <dt>{name}</dt>
              <dd className="breakable">{value}</dd>
            </div>
          ))}
        </dl>
        {entry.directory || !readable ? null : (
          <form
            className="stack g12"
            onSubmit={(event) => {
              event.preventDefault();
              if (!sum.isPending) sum.mutate();
            }}
          >
            <SelectField
              label={t(m.checksum)}
              value={algorithm}
              onChange={(event) => {
                setAlgorithm(event.currentTarget.value as Algorithm);
                sum.reset();
              }}
            >
              {algorithms.map((a) => (
                <option key={a} value={a}>
                  {a === "curseforge" ? "CurseForge" : a.toUpperCase()}
                </option>
              ))}
            </SelectField>
            {sum.data ? <CopyChip text={sum.data} what={t(m.checksum)} /> : null}
            {sum.error ? <InlineFailure error={sum.error} /> : null}
            <div className="row dialog-foot">
              <Button onClick={onClose}>{t(m.close)}</Button>
              <Button type="submit" busy={sum.isPending}>
                {t(m.checksumAct)}
              </Button>
            </div>
          </form>
        )}
        {entry.directory || !readable ? (
          <div className="row dialog-foot">
            <Button onClick={onClose} data-autofocus>
              {t(m.close)}
            </Button>
          </div>
        ) : null}
      </div>
    </Dialog>
  );
}
