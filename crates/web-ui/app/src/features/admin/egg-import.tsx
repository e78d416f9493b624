import { IconFileImport } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type DragEvent, useRef, useState } from "react";
import { api, type Input, take } from "@/api/client";
import { type Egg, nestsQuery } from "@/api/queries";
import { useT } from "@/i18n";
import { Button, ButtonLink } from "@/ui/button";
import { InlineFailure } from "@/ui/failure";
import { SelectField, TextField } from "@/ui/field";
import { Icon } from "@/ui/icon";
import { type EggNote, EggNotes } from "./egg-notes";
import { m } from "./messages";

interface Imported {
  egg: Egg;
  nest: string;
  notes: EggNote[];
}

interface Props {
  /** The nest to import into; without it the nest is asked for. */
  nest?: string;
  onImported?: (egg: Egg) => void;
  /** Given in a dialog: leaves it. The result then also links to the egg's page. */
  onClose?: () => void;
}

const NEW_NEST = "new";

/** Takes an egg file or its address, gives it to the server and shows what the importer has to say about it. */
export function EggImport({ nest: fixed, onImported, onClose }: Props) {
  const t = useT();
  const client = useQueryClient();
  const nests = useQuery({ ...nestsQuery, enabled: fixed === undefined });
  const [chosen, setChosen] = useState("");
  const [newNest, setNewNest] = useState("");
  const [over, setOver] = useState(false);
  const [url, setUrl] = useState("");
  const [refused, setRefused] = useState("");
  const input = useRef<HTMLInputElement>(null);

  const none = nests.data?.total === 0;
  const target = fixed ?? (none ? NEW_NEST : chosen || nests.data?.data[0]?.uuid || "");
  const nestName = newNest.trim() || "Minecraft";

  const send = useMutation({
    mutationFn: async (from: File | string): Promise<Imported> => {
      let nest = target;
      if (nest === NEW_NEST) {
        const made = await take(api.POST("/api/admin/nests", { body: { name: nestName, author: nestName } }));
        nest = made.nest.uuid;
        setChosen(nest);
      }
      if (typeof from === "string") {
        const answer = await take(
          api.POST("/api/admin/nests/{nest}/eggs/import/url", {
            params: { path: { nest } },
            body: { urls: [from] },
          }),
        );
        const [egg] = answer.eggs;
        if (!egg) {
          setRefused(answer.failures[0]?.error ?? "");
          throw new Error(from);
        }
        return { egg, nest, notes: answer.notes[0]?.notes ?? [] };
      }
      // The file goes out as it is: the server knows the formats and says what it makes of them.
      const text = await from.text();
      const answer = await take(
        api.POST("/api/admin/nests/{nest}/eggs/import", {
          params: { path: { nest } },
          body: text as unknown as Input<"/api/admin/nests/{nest}/eggs/import", "post">,
          bodySerializer: () => text,
          headers: { "Content-Type": from.name.endsWith(".json") ? "application/json" : "application/yaml" },
        }),
      );
      return { egg: answer.egg, nest, notes: answer.notes };
    },
    onMutate: () => setRefused(""),
    onSuccess: ({ egg }) => onImported?.(egg),
    onSettled: () => client.invalidateQueries({ queryKey: ["nests"] }),
  });

  function take1(files: FileList | null) {
    const file = files?.[0];
    if (file) send.mutate(file);
    if (input.current) input.current.value = "";
  }
  function onDrop(event: DragEvent) {
    event.preventDefault();
    setOver(false);
    take1(event.dataTransfer.files);
  }

  if (send.data)
    return (
      <div className="stack g12" role="status">
        <div className="st running">
          <Icon of={IconFileImport} />
          {t(m.imported, { name: send.data.egg.name })}
        </div>
        {send.data.notes.length > 0 ? (
          <>
            <h3>{t(m.importedNotes)}</h3>
            <EggNotes notes={send.data.notes} />
          </>
        ) : (
          <p className="sm t2">{t(m.importedClean)}</p>
        )}
        <div className="row wrap">
          <Button size="sm" onClick={() => send.reset()}>
            {t(m.importAnother)}
          </Button>
          {onClose ? (
            <>
              <ButtonLink
                size="sm"
                to="/admin/nests/$nest/eggs/$egg"
                params={{ nest: send.data.nest, egg: send.data.egg.uuid }}
              >
                {t(m.openEgg)}
              </ButtonLink>
              <Button size="sm" onClick={onClose}>
                {t(m.close)}
              </Button>
            </>
          ) : null}
        </div>
      </div>
    );

  return (
    <div className="stack">
      <p className="sm t2">{t(m.importText)}</p>
      {fixed === undefined ? (
        <div className="formgrid">
          {none ? null : (
            <SelectField
              label={t(m.importInto)}
              value={target}
              onChange={(event) => setChosen(event.currentTarget.value)}
            >
              {nests.data?.data.map((n) => (
                <option key={n.uuid} value={n.uuid}>
                  {n.name}
                </option>
              ))}
              <option value={NEW_NEST}>{t(m.importNewNest)}</option>
            </SelectField>
          )}
          {target === NEW_NEST ? (
            <TextField
              label={t(m.nestName)}
              value={newNest}
              placeholder="Minecraft"
              onChange={(event) => setNewNest(event.currentTarget.value)}
            />
          ) : null}
        </div>
      ) : null}
      <label
        className={`filedrop${over ? " over" : ""}`}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={onDrop}
      >
        <Icon of={IconFileImport} size="l" className="t3" />
        <span>{send.isPending ? t(m.importReading, { name: nameOf(send.variables) }) : t(m.importDrop)}</span>
        <span className="btn sm" aria-hidden="true">
          {t(m.importChoose)}
        </span>
        <input
          ref={input}
          className="vh"
          type="file"
          accept=".json,.yaml,.yml,application/json,application/yaml"
          disabled={send.isPending}
          onChange={(event) => take1(event.currentTarget.files)}
        />
      </label>
      {/* No form of its own: this stands inside of one in the setup. */}
      <div className="row wrap">
        <TextField
          label={t(m.importUrl)}
          type="url"
          value={url}
          placeholder="https://"
          disabled={send.isPending}
          onChange={(event) => setUrl(event.currentTarget.value)}
        />
        <Button
          size="sm"
          disabled={send.isPending || url.trim() === ""}
          onClick={() => send.mutate(url.trim())}
        >
          {t(m.importFetch)}
        </Button>
      </div>
      {refused ? (
        <p className="errmsg" role="alert">
          {t(m.importRefused, { reason: refused })}
        </p>
      ) : send.isError ? (
        <InlineFailure error={send.error} />
      ) : null}
      {onClose ? (
        <div className="row dialog-foot">
          <Button onClick={onClose}>{t(m.cancel)}</Button>
        </div>
      ) : null}
    </div>
  );
}

function nameOf(from: File | string): string {
  return typeof from === "string" ? from : from.name;
}
