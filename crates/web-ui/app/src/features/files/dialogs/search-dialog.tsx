import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { useT } from "@/i18n";
import { bytes } from "@/lib/format";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { InlineFailure } from "@/ui/failure";
import { Switch, TextField } from "@/ui/field";
import { FileIcon } from "../file-icon";
import { openerOf } from "../kinds";
import { m } from "../messages";
import { join, parentOf } from "../paths";
import { search } from "../requests";

interface Props {
  server: string;
  /** As it stands in the address. */
  short: string;
  directory: string;
  /** Whether the person may read what is in files. */
  readable: boolean;
  onClose: () => void;
}

const MAX_CONTENT = 5 * 1024 * 1024;

/** Words become patterns: `level` finds whatever has it in its name. */
function patterns(text: string): string[] {
  return text
    .split(/[\s,]+/)
    .filter((word) => word !== "")
    .map((word) => (/[*?[]/.test(word) ? word : `*${word}*`));
}

/** Finds files below a directory by name, and by content where the node can. */
export function SearchDialog({ server, short, directory, readable, onClose }: Props) {
  const t = useT();
  const [name, setName] = useState("");
  const [content, setContent] = useState("");
  const [exact, setExact] = useState(false);
  const [shown, setShown] = useState(false);
  const empty = name.trim() === "" && content === "";
  const find = useMutation({
    mutationFn: () =>
      search(server, {
        root: directory,
        ...(name.trim() === ""
          ? {}
          : { path_filter: { include: patterns(name), exclude: [], case_insensitive: !exact } }),
        ...(content === ""
          ? {}
          : {
              content_filter: {
                query: content,
                max_search_size: MAX_CONTENT,
                include_unmatched: false,
                case_insensitive: !exact,
              },
            }),
      }),
  });
  function submit(event: FormEvent) {
    event.preventDefault();
    setShown(true);
    if (!empty && !find.isPending) find.mutate();
  }
  return (
    <Dialog title={t(m.searchTitle, { path: directory })} open onClose={onClose} wide>
      <form className="stack g12" onSubmit={submit} noValidate>
        <div className="formgrid">
          <TextField
            label={t(m.searchName)}
            value={name}
            mono
            hint={t(m.searchNameHint)}
            error={shown && empty ? t(m.searchEmpty) : undefined}
            autoComplete="off"
            spellCheck={false}
            onChange={(event) => setName(event.currentTarget.value)}
            data-autofocus
          />
          {readable ? (
            <TextField
              label={t(m.searchContent)}
              value={content}
              mono
              hint={t(m.searchContentHint)}
              autoComplete="off"
              spellCheck={false}
              onChange={(event) => setContent(event.currentTarget.value)}
            />
          ) : null}
        </div>
        <Switch
          label={t(m.searchExact)}
          checked={exact}
          onChange={(event) => setExact(event.currentTarget.checked)}
        />
        {find.error ? <InlineFailure error={find.error} /> : null}
        {find.data ? (
          <>
            <p className="sm t3" role="status">
              {t(m.found, { count: find.data.length })}
            </p>
            {find.data.length > 0 ? (
              // biome-ignore lint/a11y/noNoninteractiveTabindex: a list that scrolls has to be reached by keyboard.
              <ul className="found" tabIndex={0} aria-label={t(m.results)}>
                {find.data.map((entry) => {
                  const path = join(directory, entry.name);
                  const list = openerOf(entry) === "list";
                  return (
                    <li key={entry.name}>
                      <FileIcon entry={entry} />
                      <Link
                        to={list || !readable ? "/server/$server/files" : "/server/$server/files/edit"}
                        params={{ server: short }}
                        search={{ path: list || readable ? path : parentOf(path) }}
                        className="trunc"
                        onClick={onClose}
                      >
                        {entry.name}
                      </Link>
                      <span className="sp" />
                      <span className="sm t3">{entry.directory ? "–" : bytes(entry.size)}</span>
                    </li>
                  );
                })}
              </ul>
            ) : null}
          </>
        ) : null}
        <div className="row dialog-foot">
          <Button onClick={onClose}>{t(m.close)}</Button>
          <Button look="primary" type="submit" busy={find.isPending}>
            {t(m.search)}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
