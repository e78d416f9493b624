import { IconAlertCircle, IconPencil } from "@tabler/icons-react";
import { useBlocker } from "@tanstack/react-router";
import { useEffect } from "react";
import { messages, useT } from "@/i18n";
import { Button } from "./button";
import { Dialog } from "./dialog";
import { Icon } from "./icon";

export const m = messages("savebar", {
  changes: "{count, plural, one {# change} other {# changes}} not saved",
  problems: "{count, plural, one {# problem} other {# problems}}",
  in: "in {name}",
  show: "Show it",
  discard: "Discard",
  save: "Save",
  label: "Unsaved changes",
  leaveTitle: "Leave without saving?",
  leaveText: "{count, plural, one {One change} other {# changes}} on this page would be lost.",
  stay: "Stay here",
  leave: "Leave",
});

interface Props {
  /** How many changes there are; without any the bar is not there. */
  changes: number;
  problems: number;
  /** Where the first problem is. */
  first?: string | undefined;
  busy: boolean;
  onShow: () => void;
  onDiscard: () => void;
  onSave: () => void;
}

/** Appears as soon as something is not saved, says how much, and keeps one from leaving it behind unasked. */
export function SaveBar({ changes, problems, first, busy, onShow, onDiscard, onSave }: Props) {
  const t = useT();
  const dirty = changes > 0;
  useEffect(() => {
    if (!dirty) return;
    function onKey(event: KeyboardEvent) {
      if (!(event.ctrlKey || event.metaKey) || event.code !== "KeyS") return;
      event.preventDefault();
      onSave();
    }
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [dirty, onSave]);
  return (
    <>
      {dirty ? (
        <section className="savebar" aria-label={t(m.label)}>
          <span className={`st ${problems > 0 ? "failed" : "starting"}`}>
            <Icon of={problems > 0 ? IconAlertCircle : IconPencil} />
          </span>
          <span role="status">
            {problems > 0 ? (
              <>
                <span className="b">{t(m.problems, { count: problems })}</span>{" "}
                <span className="t2 hide-m">
                  {first ? `${t(m.in, { name: first })}, ` : null}
                  {t(m.changes, { count: changes })}
                </span>
              </>
            ) : (
              <span>{t(m.changes, { count: changes })}</span>
            )}
          </span>
          {problems > 0 ? (
            <button type="button" className="link hide-m" onClick={onShow}>
              {t(m.show)}
            </button>
          ) : null}
          <span className="sp" />
          <Button look="quiet" disabled={busy} onClick={onDiscard}>
            {t(m.discard)}
          </Button>
          <Button look="primary" busy={busy} aria-keyshortcuts="Control+S" onClick={onSave}>
            {t(m.save)}
          </Button>
        </section>
      ) : null}
      <LeaveGuard changes={changes} />
    </>
  );
}

/** Asks before a page with unsaved changes is left, by a link as well as by closing the tab. */
function LeaveGuard({ changes }: { changes: number }) {
  const t = useT();
  const { status, proceed, reset } = useBlocker({
    shouldBlockFn: ({ current, next }) => changes > 0 && current.pathname !== next.pathname,
    enableBeforeUnload: () => changes > 0,
    withResolver: true,
  });
  return (
    <Dialog title={t(m.leaveTitle)} open={status === "blocked"} onClose={() => reset?.()}>
      <div className="stack g12">
        <p className="t2">{t(m.leaveText, { count: changes })}</p>
        <div className="row dialog-foot">
          <Button data-autofocus onClick={() => reset?.()}>
            {t(m.stay)}
          </Button>
          <Button look="danger-fill" onClick={() => proceed?.()}>
            {t(m.leave)}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
