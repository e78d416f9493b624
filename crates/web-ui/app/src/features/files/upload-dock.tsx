import { IconCheck, IconChevronDown, IconChevronUp, IconRefresh, IconX } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { useT } from "@/i18n";
import { bytes, span } from "@/lib/format";
import { Button, IconButton } from "@/ui/button";
import { failureText } from "@/ui/failure";
import { Icon } from "@/ui/icon";
import { m } from "./messages";
import { nameOf } from "./paths";
import {
  cancelUpload,
  cancelUploads,
  clearUploads,
  progressOf,
  retryUpload,
  type Upload,
  uploading,
  useUploads,
} from "./uploads";

/** More rows than these say nothing that the head does not. */
const SHOWN = 50;
const CLOSE_MS = 4_000;

/** What is being uploaded, on every page of a server. */
export default function UploadDock() {
  const t = useT();
  const { list, since } = useUploads();
  const [open, setOpen] = useState(true);
  const busy = uploading(list);
  const failed = list.some((u) => u.state === "failed");
  useEffect(() => {
    if (busy || failed || list.length === 0) return;
    const timer = window.setTimeout(clearUploads, CLOSE_MS);
    return () => window.clearTimeout(timer);
  }, [busy, failed, list.length]);
  if (list.length === 0) return null;

  const { sent, total, done, count } = progressOf(list);
  const seconds = Math.max(0.5, (Date.now() - since) / 1_000);
  const rate = sent / seconds;
  const share = total > 0 ? sent / total : done === count ? 1 : 0;
  const rows = [...list].sort((a, b) => rank(a) - rank(b)).slice(0, SHOWN);
  return (
    <section className="dock" aria-label={t(m.uploads)}>
      <div className="hd">
        <div className="min0 grow">
          <div className="b" role="status">
            {busy
              ? t(m.uploadingCount, { done: Math.min(count, done + 1), count })
              : failed
                ? t(m.uploadsEnded, { done, count: list.length })
                : t(m.uploaded, { count: done })}
          </div>
          <div className="sm t3">
            {busy && rate > 0
              ? t(m.uploadRate, { rate: bytes(rate), left: span((total - sent) / rate) })
              : bytes(sent)}
          </div>
        </div>
        {busy ? (
          <Button size="sm" look="quiet" onClick={cancelUploads}>
            {t(m.cancelAll)}
          </Button>
        ) : null}
        <IconButton
          icon={open ? IconChevronDown : IconChevronUp}
          label={t(open ? m.collapse : m.expand)}
          aria-expanded={open}
          onClick={() => setOpen(!open)}
        />
        {busy ? null : <IconButton icon={IconX} label={t(m.closeUploads)} onClick={clearUploads} />}
      </div>
      <div className="bar" aria-hidden="true">
        <i style={{ width: `${share * 100}%` }} />
      </div>
      {open ? (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a list that scrolls has to be reached by keyboard.
        <ul tabIndex={0} aria-label={t(m.uploads)}>
          {rows.map((u) => (
            <Row key={u.id} of={u} />
          ))}
        </ul>
      ) : null}
    </section>
  );
}

/** What moves stands on top, then what needs somebody, then what waits, then what is done. */
function rank({ state }: Upload): number {
  return ["sending", "failed", "waiting", "done", "cancelled"].indexOf(state);
}

function Row({ of: { id, file, below, sent, state, failure } }: { of: Upload }) {
  const t = useT();
  const name = below === "" ? file.name : `${below}/${file.name}`;
  const share = file.size > 0 ? sent / file.size : 0;
  return (
    <li className={state === "failed" ? "failed" : undefined}>
      <div className="row">
        {state === "done" ? (
          <span className="st running">
            <Icon of={IconCheck} size="s" />
          </span>
        ) : null}
        <span className="trunc" title={name}>
          {name}
        </span>
        <span className="sp" />
        <span className="sm t3">
          {state === "sending"
            ? `${Math.floor(share * 100)} %`
            : t(
                {
                  done: m.uploadDone,
                  waiting: m.uploadWaiting,
                  failed: m.uploadFailed,
                  cancelled: m.uploadCancelled,
                }[state],
              )}
        </span>
        {state === "failed" || state === "cancelled" ? (
          <IconButton
            icon={IconRefresh}
            label={t(m.retryUpload, { name: nameOf(name) })}
            onClick={() => retryUpload(id)}
          />
        ) : state === "done" ? null : (
          <IconButton
            icon={IconX}
            label={t(m.cancelUpload, { name: nameOf(name) })}
            onClick={() => cancelUpload(id)}
          />
        )}
      </div>
      {state === "sending" ? (
        <div
          className="bar installing"
          role="progressbar"
          aria-label={name}
          aria-valuemin={0}
          aria-valuemax={100}
          aria-valuenow={Math.floor(share * 100)}
        >
          <i style={{ width: `${share * 100}%` }} />
        </div>
      ) : null}
      {failure ? (
        <p className="sm t2">{failure.status === 0 ? t(m.uploadNoNode) : failureText(t, failure)}</p>
      ) : null}
    </li>
  );
}
