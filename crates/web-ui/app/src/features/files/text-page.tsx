import {
  IconArrowBackUp,
  IconDeviceFloppy,
  IconGitCompare,
  IconHistory,
  IconSearch,
  IconTextWrap,
  IconX,
} from "@tabler/icons-react";
import { useMutation, useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { useBlocker } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { ApiFailure, asFailure } from "@/api/error";
import { accountQuery, type Server } from "@/api/queries";
import { can } from "@/features/servers/state";
import { useT } from "@/i18n";
import { bytes as sized } from "@/lib/format";
import { Button, IconButton } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { ErrorCard } from "@/ui/failure";
import { SkeletonLines } from "@/ui/feedback";
import { Icon } from "@/ui/icon";
import { toast, toastFailure } from "@/ui/toasts";
import { CompareView } from "./compare-view";
import { type Draft, dropDraft, isWorthOffering, keepDraft, readDraft } from "./drafts";
import type { FileEditor } from "./editor/editor";
import EditorHost from "./editor-host";
import { FileHead } from "./file-head";
import { languageOf } from "./kinds";
import { m } from "./messages";
import { nameOf } from "./paths";
import { read, readRevision, revisionsQuery, write } from "./requests";
import { compareStored, readText, type TextFile, writeText } from "./text";
import { useNarrow } from "./use-narrow";
import { when, whenExact } from "./when";

interface Props {
  server: Server;
  path: string;
  line: number | undefined;
  /** As it was read. */
  bytes: Uint8Array;
  file: TextFile;
}

/** What stands in the way of saving: the file as it is now, or that it is gone. */
type Conflict = { kind: "changed"; bytes: Uint8Array } | { kind: "gone" };

interface Comparison {
  before: { text: string; label: string };
  after: { text: string; label: string };
}

const WRAP = "roost.editor.wrap";
/** So long after the last key a draft is kept. */
const DRAFT_MS = 2_000;

function wrapsLines(narrow: boolean): boolean {
  try {
    const kept = localStorage.getItem(WRAP);
    return kept === null ? narrow : kept === "1";
  } catch {
    return narrow;
  }
}

/** A text file in the editor. */
export default function TextPage({ server, path, line, bytes, file }: Props) {
  const t = useT();
  const narrow = useNarrow();
  const name = nameOf(path);
  const language = languageOf(name, file.text.slice(0, 200).split("\n")[0]);
  const writable = can(server, "files.update");
  const editor = useRef<FileEditor>(null);
  // What the node has, as far as this page knows; null when the file is gone.
  const stored = useRef<Uint8Array | null>(bytes);
  const form = useRef(file);
  const [dirty, setDirty] = useState(false);
  const [cursor, setCursor] = useState<[number, number]>([line ?? 1, 1]);
  const [wrap, setWrap] = useState(() => wrapsLines(narrow));
  const [conflict, setConflict] = useState<Conflict | null>(null);
  const [comparison, setComparison] = useState<Comparison | null>(null);
  const [history, setHistory] = useState(false);

  const { data: account } = useSuspenseQuery(accountQuery);
  const draftKey = `${account?.uuid ?? ""}:${server.uuid}:${path}`;
  const [draft, setDraft] = useState<Draft | null>(null);
  const typing = useRef<number | undefined>(undefined);
  useEffect(() => {
    let gone = false;
    void readDraft(draftKey).then((found) => {
      if (!gone && isWorthOffering(found, file.text, Date.now())) setDraft(found);
    });
    return () => {
      gone = true;
      window.clearTimeout(typing.current);
    };
  }, [draftKey, file.text]);
  function onChange() {
    window.clearTimeout(typing.current);
    typing.current = window.setTimeout(() => {
      const text = editor.current?.text();
      if (text !== undefined) void keepDraft(draftKey, { text, at: Date.now() });
    }, DRAFT_MS);
  }
  function forget() {
    window.clearTimeout(typing.current);
    setDraft(null);
    void dropDraft(draftKey);
  }

  const save = useMutation({
    mutationFn: async (force: boolean): Promise<Conflict | null> => {
      const text = editor.current?.text() ?? "";
      if (!force) {
        const now = await read(server.uuid, path);
        const became = compareStored(stored.current, now);
        if (became === "gone") return { kind: "gone" };
        if (became === "changed" && now) return { kind: "changed", bytes: now };
      }
      const content = writeText(text, form.current);
      await write(server.uuid, path, content);
      stored.current = content;
      editor.current?.markSaved(text);
      return null;
    },
    onSuccess: (found) => {
      setConflict(found);
      if (found) return;
      forget();
      toast(t(m.saved, { name }));
    },
    onError: (error) => toastFailure(t(m.notSaved, { name }), asFailure(error)),
  });
  const trySave = () => {
    if (writable && dirty && !save.isPending) save.mutate(false);
  };

  const blocker = useBlocker({
    shouldBlockFn: () => dirty,
    enableBeforeUnload: () => dirty,
    withResolver: true,
  });

  const latest = useRef(trySave);
  latest.current = trySave;
  useEffect(() => {
    function onKey(event: KeyboardEvent) {
      if (!(event.ctrlKey || event.metaKey) || event.code !== "KeyS") return;
      event.preventDefault();
      // The editor answers its own keys.
      if (!(event.target as HTMLElement).closest(".cm-editor")) latest.current();
    }
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
  // A dot in the tab's title tells that something is not saved.
  useEffect(() => {
    if (!dirty) return;
    const { title } = document;
    document.title = `● ${title}`;
    return () => {
      document.title = title;
    };
  }, [dirty]);

  /** Takes the node's version in place of what is in the editor. */
  function take(now: Uint8Array) {
    const text = readText(now);
    if (!text) {
      toastFailure(t(m.readFailed, { name }), new ApiFailure({ status: 409, errors: [t(m.binary)] }));
      return;
    }
    stored.current = now;
    form.current = text;
    editor.current?.replace(text.text);
    editor.current?.markSaved(text.text);
    setConflict(null);
    setComparison(null);
    forget();
  }

  const compareStoredVersion = useMutation({
    mutationFn: () => read(server.uuid, path),
    onSuccess: (now) =>
      setComparison({
        before: { text: now ? (readText(now)?.text ?? "") : "", label: t(m.onNode) },
        after: { text: editor.current?.text() ?? "", label: t(m.yourEdit) },
      }),
    onError: (error) => toastFailure(t(m.readFailed, { name }), asFailure(error)),
  });

  return (
    <>
      <FileHead
        server={server}
        path={path}
        status={
          dirty ? (
            <span className="unsaved">
              <i aria-hidden="true" />
              <span className="hide-m">{t(m.unsaved)}</span>
            </span>
          ) : null
        }
      >
        <IconButton
          icon={IconSearch}
          label={t(m.findInFile)}
          className="hide-m"
          onClick={() => editor.current?.search()}
        />
        <IconButton
          icon={IconTextWrap}
          label={t(m.wrap)}
          className="hide-m"
          aria-pressed={wrap}
          onClick={() => {
            setWrap(!wrap);
            try {
              localStorage.setItem(WRAP, wrap ? "0" : "1");
            } catch {
              // Storage is blocked: the choice lasts as long as the page.
            }
          }}
        />
        <IconButton
          icon={IconGitCompare}
          label={t(m.compareStored)}
          aria-busy={compareStoredVersion.isPending}
          onClick={() => compareStoredVersion.mutate()}
        />
        <IconButton
          icon={IconHistory}
          label={t(m.history)}
          className="hide-m"
          aria-pressed={history}
          onClick={() => setHistory(!history)}
        />
        {writable ? (
          <>
            <Button
              look="quiet"
              className="hide-m"
              disabled={!dirty}
              onClick={() => {
                if (stored.current) take(stored.current);
              }}
            >
              {t(m.discard)}
            </Button>
            <Button
              look="primary"
              icon={IconDeviceFloppy}
              disabled={!dirty}
              busy={save.isPending}
              onClick={trySave}
              aria-keyshortcuts="Control+S"
            >
              {t(m.save)}
            </Button>
          </>
        ) : (
          <span className="tag">{t(m.readOnly)}</span>
        )}
      </FileHead>

      {draft ? (
        <div className="banner starting" role="status">
          <Icon of={IconHistory} />
          <p>
            <b>{t(m.draftFound)}</b>{" "}
            <span className="t2">
              {t(m.draftText, { when: whenExact(new Date(draft.at).toISOString()) })}
            </span>
          </p>
          <Button
            size="sm"
            onClick={() => {
              editor.current?.replace(draft.text);
              setDraft(null);
            }}
          >
            {t(m.draftRestore)}
          </Button>
          <Button size="sm" look="quiet" onClick={forget}>
            {t(m.draftDrop)}
          </Button>
        </div>
      ) : null}
      <div className={history ? "edgrid" : "edgrid one"}>
        <section className="card ed" aria-label={t(m.editor)}>
          <EditorHost
            ref={editor}
            name={name}
            text={file.text}
            language={language}
            readOnly={!writable}
            wrap={wrap}
            line={line}
            onDirty={setDirty}
            onChange={onChange}
            onCursor={(l, c) => setCursor([l, c])}
            onSave={trySave}
          />
          <div className="sb">
            <span>{t(m.position, { line: cursor[0], column: cursor[1] })}</span>
            <span className="hide-m">{language ? t(m[`lang_${language}`]) : t(m.plainText)}</span>
            <span>UTF-8{form.current.bom ? " BOM" : ""}</span>
            <span>{form.current.newline === "\n" ? "LF" : "CRLF"}</span>
            <span className="sp" />
            <span className="hide-m t3">{t(m.tabHint)}</span>
          </div>
          {writable ? (
            <div className="keys only-m" role="toolbar" aria-label={t(m.keys)}>
              <button type="button" className="key" onClick={() => editor.current?.insert("  ")}>
                Tab
              </button>
              {["{", "}", ":", '"', "#"].map((key) => (
                <button key={key} type="button" className="key" onClick={() => editor.current?.insert(key)}>
                  {key}
                </button>
              ))}
              <IconButton icon={IconArrowBackUp} label={t(m.undo)} onClick={() => editor.current?.undo()} />
            </div>
          ) : null}
        </section>
        {history ? (
          <History
            server={server}
            path={path}
            onClose={() => setHistory(false)}
            onPick={(text, label) =>
              setComparison({
                before: { text, label },
                after: { text: editor.current?.text() ?? "", label: t(m.yourEdit) },
              })
            }
          />
        ) : null}
      </div>

      {comparison ? (
        <Dialog title={t(m.compareTitle, { name })} open onClose={() => setComparison(null)} wide="full">
          <div className="stack g12">
            <CompareView {...comparison} language={language} />
            <div className="row dialog-foot">
              <Button onClick={() => setComparison(null)} data-autofocus>
                {t(m.close)}
              </Button>
              {writable && comparison.before.text !== comparison.after.text ? (
                <Button
                  onClick={() => {
                    editor.current?.replace(comparison.before.text);
                    setComparison(null);
                  }}
                >
                  {t(m.takeVersion)}
                </Button>
              ) : null}
            </div>
          </div>
        </Dialog>
      ) : null}
      {conflict && !comparison ? (
        <Dialog
          title={t(conflict.kind === "gone" ? m.goneTitle : m.changedTitle, { name })}
          open
          onClose={() => setConflict(null)}
        >
          <div className="stack g12">
            <p className="t2">{t(conflict.kind === "gone" ? m.goneText : m.changedText)}</p>
            <div className="row dialog-foot">
              <Button onClick={() => setConflict(null)} data-autofocus>
                {t(m.keepEditing)}
              </Button>
              {conflict.kind === "changed" ? (
                <>
                  <Button
                    onClick={() =>
                      setComparison({
                        before: { text: readText(conflict.bytes)?.text ?? "", label: t(m.onNode) },
                        after: { text: editor.current?.text() ?? "", label: t(m.yourEdit) },
                      })
                    }
                  >
                    {t(m.compare)}
                  </Button>
                  <Button onClick={() => take(conflict.bytes)}>{t(m.takeTheirs)}</Button>
                </>
              ) : null}
              <Button
                look={conflict.kind === "gone" ? "primary" : "danger-fill"}
                busy={save.isPending}
                onClick={() => save.mutate(true)}
              >
                {t(conflict.kind === "gone" ? m.saveAsNew : m.overwrite)}
              </Button>
            </div>
          </div>
        </Dialog>
      ) : null}
      {blocker.status === "blocked" ? (
        <Dialog title={t(m.leaveTitle)} open onClose={blocker.reset}>
          <div className="stack g12">
            <p className="t2">{t(m.leaveText, { name })}</p>
            <div className="row dialog-foot">
              <Button onClick={blocker.reset} data-autofocus>
                {t(m.keepEditing)}
              </Button>
              <Button
                look="danger-fill"
                onClick={() => {
                  forget();
                  blocker.proceed();
                }}
              >
                {t(m.leaveAct)}
              </Button>
            </div>
          </div>
        </Dialog>
      ) : null}
    </>
  );
}

interface HistoryProps {
  server: Server;
  path: string;
  onPick: (text: string, label: string) => void;
  onClose: () => void;
}

/** The former versions that the node keeps. */
function History({ server, path, onPick, onClose }: HistoryProps) {
  const t = useT();
  const revisions = useQuery(revisionsQuery(server.uuid, path));
  const open = useMutation({
    mutationFn: (id: number) => readRevision(server.uuid, path, id),
    onError: (error) => toastFailure(t(m.revisionFailed), asFailure(error)),
  });
  const lacks = revisions.isError && asFailure(revisions.error).code === "node_lacks_capability";
  return (
    <aside className="card histcard" aria-label={t(m.history)}>
      <div className="hd">
        <h2>{t(m.history)}</h2>
        <span className="sp" />
        <IconButton icon={IconX} label={t(m.close)} onClick={onClose} />
      </div>
      {lacks ? (
        <p className="pad sm t2">{t(m.noHistory)}</p>
      ) : revisions.isError ? (
        <ErrorCard
          title={t(m.revisionFailed)}
          error={revisions.error}
          retry={() => void revisions.refetch()}
        />
      ) : !revisions.data ? (
        <div className="pad">
          <SkeletonLines lines={4} />
        </div>
      ) : revisions.data.length === 0 ? (
        <p className="pad sm t2">{t(m.emptyHistory)}</p>
      ) : (
        <ul className="hist">
          {revisions.data.map((r) => (
            <li key={r.id}>
              <button
                type="button"
                onClick={() =>
                  open.mutate(r.id, {
                    onSuccess: (bytes) => onPick(readText(bytes)?.text ?? "", whenExact(r.created)),
                  })
                }
              >
                <span className="b">{r.user?.username ?? t(m.unknownWriter)}</span>
                <span className="row sm t3">
                  <span>{sized(r.size)}</span>
                  <span className="sp" />
                  <span title={whenExact(r.created)}>{when(r.created)}</span>
                </span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </aside>
  );
}
