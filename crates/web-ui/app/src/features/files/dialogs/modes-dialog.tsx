import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useT } from "@/i18n";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { InlineFailure } from "@/ui/failure";
import { Switch, TextField } from "@/ui/field";
import { toast } from "@/ui/toasts";
import { inParts, patchList, refreshLists } from "../changes";
import { m } from "../messages";
import { bitOf, isMode, symbolic, withBit } from "../modes";
import { changeModes, type FileEntry } from "../requests";

interface Props {
  server: string;
  directory: string;
  entries: readonly FileEntry[];
  onClose: () => void;
}

const who = ["owner", "group", "others"] as const;
const what = ["read", "write", "execute"] as const;

/** Who may do what with files, as boxes and as digits. */
export function ModesDialog({ server, directory, entries, onClose }: Props) {
  const t = useT();
  const client = useQueryClient();
  const first = entries[0]?.mode_bits ?? "644";
  const [mode, setMode] = useState(isMode(first) ? first : "644");
  const [deep, setDeep] = useState(false);
  const valid = isMode(mode);
  const folders = entries.some((e) => e.directory);
  const change = useMutation({
    mutationFn: async () => {
      for (const part of inParts(entries))
        await changeModes(
          server,
          directory,
          part.map((e) => ({ file: e.name, mode, recursive: deep && e.directory })),
        );
    },
    onSuccess: () => {
      const changed = new Set(entries.map((e) => e.name));
      patchList(client, server, directory, (list) =>
        list.map((e) =>
          changed.has(e.name) ? { ...e, mode_bits: mode, mode: symbolic(mode, e.mode.charAt(0)) } : e,
        ),
      );
      toast(t(m.modesChanged, { count: entries.length, name: entries[0]?.name ?? "", mode }));
      onClose();
    },
    onSettled: () => refreshLists(client, server, directory),
  });
  return (
    <Dialog
      title={t(m.modesTitle, { count: entries.length, name: entries[0]?.name ?? "" })}
      open
      onClose={onClose}
    >
      <form
        className="stack g12"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (valid && !change.isPending) change.mutate();
        }}
      >
        <table className="modes">
          <caption className="vh">{t(m.permissions)}</caption>
          <thead>
            <tr>
              <td />
              {what.map((w) => (
                <th key={w} scope="col">
                  {t(m[`mode_${w}`])}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {who.map((one, i) => (
              <tr key={one}>
                <th scope="row">{t(m[`mode_${one}`])}</th>
                {what.map((w, j) => (
                  <td key={w}>
                    <input
                      type="checkbox"
                      className="cbx"
                      aria-label={`${t(m[`mode_${one}`])}: ${t(m[`mode_${w}`])}`}
                      checked={valid && bitOf(mode, i, j)}
                      onChange={(event) =>
                        setMode(withBit(valid ? mode : "000", i, j, event.currentTarget.checked))
                      }
                    />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
        <TextField
          label={t(m.modeDigits)}
          value={mode}
          mono
          inputMode="numeric"
          maxLength={4}
          hint={valid ? symbolic(mode, "").trim() : undefined}
          error={valid ? undefined : t(m.modeInvalid)}
          onChange={(event) => setMode(event.currentTarget.value)}
          data-autofocus
        />
        {folders ? (
          <Switch
            label={t(m.modesDeep)}
            hint={t(m.modesDeepHint)}
            checked={deep}
            onChange={(event) => setDeep(event.currentTarget.checked)}
          />
        ) : null}
        {change.error ? <InlineFailure error={change.error} /> : null}
        <div className="row dialog-foot">
          <Button onClick={onClose}>{t(m.cancel)}</Button>
          <Button look="primary" type="submit" busy={change.isPending} disabled={!valid}>
            {t(m.modesAct)}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
