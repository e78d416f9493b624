import { IconAlertCircle, IconCircleCheck, IconX } from "@tabler/icons-react";
import { useEffect, useRef } from "react";
import { create } from "zustand";
import type { ApiFailure } from "@/api/error";
import { messages, useT } from "@/i18n";
import { IconButton } from "./button";
import { failureText, RequestId } from "./failure";
import { Icon } from "./icon";

export const m = messages("toast", {
  region: "Notices",
  close: "Close notice",
  more: "and {count} more",
});

/** Successes go by themselves; errors stay until closed. */
const SUCCESS_MS = 4_000;
/** Long enough to notice a mistake. */
const UNDO_MS = 8_000;
const MAX_SHOWN = 3;

interface Toast {
  id: number;
  kind: "success" | "error";
  title: string;
  text?: string;
  failure?: ApiFailure;
  undo?: { label: string; act: () => void };
}

interface Toasts {
  list: Toast[];
  add: (toast: Omit<Toast, "id">) => void;
  remove: (id: number) => void;
}

let last = 0;

const useToasts = create<Toasts>()((set) => ({
  list: [],
  add: (toast) => {
    last += 1;
    const id = last;
    set((s) => ({ list: [...s.list, { ...toast, id }] }));
  },
  remove: (id) => set((s) => ({ list: s.list.filter((t) => t.id !== id) })),
}));

/** Says that something was done. */
export function toast(title: string, text?: string): void {
  useToasts.getState().add({ kind: "success", title, ...(text ? { text } : {}) });
}

/** Says that something was done, and offers the way back. */
export function toastUndo(title: string, label: string, act: () => void): void {
  useToasts.getState().add({ kind: "success", title, undo: { label, act } });
}

/** Says that something was not done, with the reason and the request id. */
export function toastFailure(title: string, failure: ApiFailure): void {
  useToasts.getState().add({ kind: "error", title, failure });
}

function Row({ toast: item }: { toast: Toast }) {
  const t = useT();
  const remove = useToasts((s) => s.remove);
  const timer = useRef<number | undefined>(undefined);

  function arm() {
    const after = item.undo ? UNDO_MS : SUCCESS_MS;
    if (item.kind === "success") timer.current = window.setTimeout(() => remove(item.id), after);
  }
  // biome-ignore lint/correctness/useExhaustiveDependencies: armed once for each notice.
  useEffect(() => {
    arm();
    return () => window.clearTimeout(timer.current);
  }, [item.id]);

  return (
    <div
      className={`toast ${item.kind === "success" ? "running" : "failed"}`}
      onPointerEnter={() => window.clearTimeout(timer.current)}
      onPointerLeave={arm}
    >
      <Icon of={item.kind === "success" ? IconCircleCheck : IconAlertCircle} />
      <div>
        <div className="b">{item.title}</div>
        {item.text ? <div className="sm t2">{item.text}</div> : null}
        {item.undo ? (
          <button
            type="button"
            className="link sm"
            onClick={() => {
              remove(item.id);
              item.undo?.act();
            }}
          >
            {item.undo.label}
          </button>
        ) : null}
        {item.failure ? (
          <>
            <div className="sm t2">{failureText(t, item.failure)}</div>
            <RequestId failure={item.failure} />
          </>
        ) : null}
      </div>
      <IconButton icon={IconX} label={t(m.close)} onClick={() => remove(item.id)} />
    </div>
  );
}

/** Where notices appear. Both live regions always exist, so that screen readers notice what comes into them. */
export function ToastRegion() {
  const t = useT();
  const list = useToasts((s) => s.list);
  const shown = list.slice(-MAX_SHOWN);
  const hidden = list.length - shown.length;
  const of = (kind: Toast["kind"]) =>
    shown.filter((x) => x.kind === kind).map((x) => <Row key={x.id} toast={x} />);
  return (
    <section className="toasts" aria-label={t(m.region)}>
      <div role="status">{of("success")}</div>
      <div role="alert">{of("error")}</div>
      {hidden > 0 ? <p className="sm t3">{t(m.more, { count: hidden })}</p> : null}
    </section>
  );
}
