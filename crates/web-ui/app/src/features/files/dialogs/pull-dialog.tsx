import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { asFailure } from "@/api/error";
import { useT } from "@/i18n";
import { bytes } from "@/lib/format";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { InlineFailure } from "@/ui/failure";
import { TextField } from "@/ui/field";
import { toast } from "@/ui/toasts";
import { refreshLists } from "../changes";
import { m } from "../messages";
import { nameProblem } from "../paths";
import { fetchUrl, previewUrl } from "../requests";

interface Props {
  server: string;
  directory: string;
  taken: ReadonlySet<string>;
  onClose: () => void;
}

/** The last part of an address, as the node would name the file. */
function nameIn(url: string): string {
  try {
    return decodeURIComponent(new URL(url).pathname.split("/").at(-1) ?? "");
  } catch {
    return "";
  }
}

/** Lets the node fetch a file from the network. */
export function PullDialog({ server, directory, taken, onClose }: Props) {
  const t = useT();
  const client = useQueryClient();
  const [url, setUrl] = useState("");
  const [name, setName] = useState("");
  const [shown, setShown] = useState(false);
  const isUrl = /^https?:\/\/[^\s/]+/i.test(url.trim());
  const wanted = name.trim() || nameIn(url.trim());
  const problem = wanted === "" ? null : nameProblem(wanted, new Set());
  const look = useMutation({ mutationFn: () => previewUrl(server, url.trim()) });
  const pull = useMutation({
    mutationFn: () =>
      fetchUrl(server, {
        root: directory,
        url: url.trim(),
        ...(name.trim() ? { name: name.trim() } : {}),
      }),
    onSuccess: (answer) => {
      toast(t("identifier" in answer ? m.pulling : m.pulled, { name: wanted || url.trim() }));
      onClose();
    },
    onSettled: () => refreshLists(client, server, directory),
  });
  function submit(event: FormEvent) {
    event.preventDefault();
    setShown(true);
    if (isUrl && !problem && !pull.isPending) pull.mutate();
  }
  const seen = look.data;
  const cannotLook = look.error !== null && asFailure(look.error).code === "node_lacks_capability";
  return (
    <Dialog title={t(m.pullTitle)} open onClose={onClose}>
      <form className="stack g12" onSubmit={submit} noValidate>
        <TextField
          label={t(m.url)}
          type="url"
          inputMode="url"
          value={url}
          maxLength={2048}
          mono
          hint={t(m.pullHint, { path: directory })}
          error={shown && !isUrl ? t(m.urlInvalid) : undefined}
          autoComplete="off"
          onChange={(event) => {
            setUrl(event.currentTarget.value);
            look.reset();
          }}
          data-autofocus
        />
        <TextField
          label={t(m.fileName)}
          optional
          mono
          value={name}
          placeholder={seen?.file_name ?? nameIn(url.trim())}
          hint={taken.has(wanted) ? t(m.pullReplaces, { name: wanted }) : undefined}
          error={problem ? t(m[`name_${problem}`]) : undefined}
          autoComplete="off"
          onChange={(event) => setName(event.currentTarget.value)}
        />
        {seen ? (
          <p className="sm t2" role="status">
            {t(m.pullSeen, {
              name: seen.file_name ?? nameIn(seen.final_url),
              size: seen.file_size == null ? t(m.unknownSize) : bytes(seen.file_size),
            })}
          </p>
        ) : null}
        {cannotLook ? (
          <p className="hint">{t(m.pullCannotLook)}</p>
        ) : look.error ? (
          <InlineFailure error={look.error} />
        ) : null}
        {pull.error ? <InlineFailure error={pull.error} /> : null}
        <div className="row dialog-foot">
          <Button onClick={onClose}>{t(m.cancel)}</Button>
          <Button onClick={() => look.mutate()} busy={look.isPending} disabled={!isUrl}>
            {t(m.pullLook)}
          </Button>
          <Button look="primary" type="submit" busy={pull.isPending}>
            {t(m.pullAct)}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
