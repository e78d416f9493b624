import type { ReactNode } from "react";
import { messages, useT } from "@/i18n";

export const m = messages("feedback", { loading: "Loading" });

/** An empty wire: what this page is for and the one thing to do. */
export function EmptyWire({ title, text, children }: { title: string; text: string; children?: ReactNode }) {
  return (
    <section className="card">
      <div className="empty">
        <svg viewBox="0 0 120 40" width="120" height="40" aria-hidden="true">
          <path
            d="M4 32Q60 40 116 32"
            fill="none"
            stroke="var(--control)"
            strokeWidth="2"
            strokeLinecap="round"
          />
        </svg>
        <h2>{title}</h2>
        <p className="t2">{text}</p>
        {children ? <div className="empty-act">{children}</div> : null}
      </div>
    </section>
  );
}

/** Bars in the shape of text, for the first load only. */
export function SkeletonLines({ lines = 3 }: { lines?: number }) {
  const t = useT();
  const widths = ["40%", "72%", "56%", "64%", "48%"];
  return (
    <div className="stack g12" aria-busy="true">
      <span className="vh">{t(m.loading)}</span>
      {Array.from({ length: lines }, (_, i) => widths[i % widths.length] ?? "50%").map((width, i) => (
        <div key={i} className="sk" style={{ width }} />
      ))}
    </div>
  );
}

export function SkeletonCard({ lines }: { lines?: number }) {
  return (
    <section className="card pad">
      <SkeletonLines lines={lines ?? 3} />
    </section>
  );
}
