import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { asFailure } from "@/api/error";
import { serversQuery } from "@/api/queries";
import { can } from "@/features/servers/state";
import { useT } from "@/i18n";
import { Button } from "@/ui/button";
import { Combo } from "@/ui/combo";
import { Dialog } from "@/ui/dialog";
import { InlineFailure } from "@/ui/failure";
import { toast } from "@/ui/toasts";
import { inParts, refreshLists, useRename } from "../changes";
import { m } from "../messages";
import { freeName, isWithin, join, relative } from "../paths";
import { copyMany, copyOne, copyToServer, foldersQuery } from "../requests";
import { FolderPicker } from "./folder-picker";

interface Props {
  server: string;
  directory: string;
  names: readonly string[];
  taken: ReadonlySet<string>;
  onClose: () => void;
}

export function MoveDialog({ server, directory, names, onClose }: Props) {
  const t = useT();
  const [to, setTo] = useState(directory);
  const rename = useRename(server, directory);
  const moving = (path: string) => names.some((name) => isWithin(path, join(directory, name)));
  function submit(event: FormEvent) {
    event.preventDefault();
    if (to === directory) return;
    rename.mutate(names.map((from) => ({ from, to: relative(directory, join(to, from)) })));
    onClose();
  }
  return (
    <Dialog title={t(m.moveTitle, { count: names.length, name: names[0] ?? "" })} open onClose={onClose}>
      <form className="stack g12" onSubmit={submit}>
        <FolderPicker server={server} value={to} onChange={setTo} except={moving} />
        {to === directory ? <p className="hint">{t(m.moveSame)}</p> : null}
        <div className="row dialog-foot">
          <Button onClick={onClose}>{t(m.cancel)}</Button>
          <Button look="primary" type="submit" disabled={to === directory}>
            {t(m.moveHere)}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

/** Copies into another directory, or beside the originals under names of their own. */
export function CopyDialog({ server, directory, names, taken, onClose }: Props) {
  const t = useT();
  const client = useQueryClient();
  const [to, setTo] = useState(directory);
  const copy = useMutation({
    mutationFn: async () => {
      const there =
        to === directory
          ? taken
          : new Set((await client.fetchQuery(foldersQuery(server, to))).map((entry) => entry.name));
      const used = new Set(there);
      const moves = names.map((from) => {
        const name = used.has(from) ? freeName(from, used, t(m.copyWord)) : from;
        used.add(name);
        return { from, to: relative(directory, join(to, name)) };
      });
      const [only] = moves;
      if (moves.length === 1 && only)
        return copyOne(server, join(directory, only.from), join(to, only.to.split("/").at(-1) ?? only.from));
      try {
        for (const part of inParts(moves)) await copyMany(server, directory, part);
      } catch (error) {
        if (asFailure(error).code !== "node_lacks_capability") throw error;
        // Older daemons copy one file at a time.
        for (const { from, to: path } of moves)
          await copyOne(server, join(directory, from), join(directory, path));
      }
      return {};
    },
    onSuccess: (answer) => {
      const values = { count: names.length, name: names[0] ?? "" };
      toast(t("identifier" in answer ? m.copying : m.copied, values));
      onClose();
    },
    onSettled: () => refreshLists(client, server, directory, to),
  });
  return (
    <Dialog title={t(m.copyTitle, { count: names.length, name: names[0] ?? "" })} open onClose={onClose}>
      <form
        className="stack g12"
        onSubmit={(event) => {
          event.preventDefault();
          if (!copy.isPending) copy.mutate();
        }}
      >
        <FolderPicker server={server} value={to} onChange={setTo} />
        {to === directory ? <p className="hint">{t(m.copySame)}</p> : null}
        {copy.error ? <InlineFailure error={copy.error} /> : null}
        <div className="row dialog-foot">
          <Button onClick={onClose}>{t(m.cancel)}</Button>
          <Button look="primary" type="submit" busy={copy.isPending}>
            {t(m.copyHere)}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

/** Copies to another server of the same person. */
export function RemoteCopyDialog({ server, directory, names, onClose }: Omit<Props, "taken">) {
  const t = useT();
  const client = useQueryClient();
  const [text, setText] = useState("");
  const [target, setTarget] = useState("");
  const [to, setTo] = useState("/");
  const servers = useQuery(serversQuery({ per_page: 50, ...(text ? { search: text } : {}) }));
  const options = (servers.data?.data ?? [])
    .filter((s) => s.uuid !== server && can(s, "files.create"))
    .map((s) => ({ value: s.uuid, label: `${s.name} (${s.node_name})` }));
  const copy = useMutation({
    mutationFn: async () => {
      let answer: object = {};
      for (const part of inParts(names))
        answer = await copyToServer(server, {
          root: directory,
          files: part.map((name) => ({ from: name, to: name })),
          destination: to,
          destination_server: target,
        });
      return answer;
    },
    onSuccess: (answer) => {
      toast(t("identifier" in answer ? m.copying : m.copied, { count: names.length, name: names[0] ?? "" }));
      onClose();
    },
    onSettled: () => Promise.all([refreshLists(client, server), refreshLists(client, target, to)]),
  });
  return (
    <Dialog title={t(m.remoteTitle, { count: names.length, name: names[0] ?? "" })} open onClose={onClose}>
      <form
        className="stack g12"
        onSubmit={(event) => {
          event.preventDefault();
          if (target !== "" && !copy.isPending) copy.mutate();
        }}
      >
        <Combo
          label={t(m.targetServer)}
          placeholder={t(m.chooseServer)}
          empty={t(m.noServers)}
          options={options}
          value={target}
          onChange={(value) => {
            setTarget(value);
            setTo("/");
          }}
          onSearch={setText}
        />
        {target === "" ? (
          <p className="hint">{t(m.remoteHint)}</p>
        ) : (
          <FolderPicker server={target} value={to} onChange={setTo} />
        )}
        {copy.error ? <InlineFailure error={copy.error} /> : null}
        <div className="row dialog-foot">
          <Button onClick={onClose}>{t(m.cancel)}</Button>
          <Button look="primary" type="submit" disabled={target === ""} busy={copy.isPending}>
            {t(m.copyHere)}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
