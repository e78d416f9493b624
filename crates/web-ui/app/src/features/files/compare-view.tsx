import { useEffect, useRef } from "react";
import { useT } from "@/i18n";
import type { Language } from "./kinds";
import { m } from "./messages";
import { usePhrases } from "./phrases";
import { useNarrow } from "./use-narrow";

interface Props {
  before: { text: string; label: string };
  after: { text: string; label: string };
  language: Language | null;
}

/** Two versions of a text and how they differ. */
export function CompareView({ before, after, language }: Props) {
  const t = useT();
  const narrow = useNarrow();
  const phrases = usePhrases();
  const host = useRef<HTMLDivElement>(null);
  const same = before.text === after.text;
  useEffect(() => {
    const element = host.current;
    if (!element || same) return;
    let close: (() => void) | undefined;
    let gone = false;
    void import("./editor/compare").then(async ({ compare }) => {
      const done = await compare(element, before, after, language, narrow, phrases);
      if (gone) done();
      else close = done;
    });
    return () => {
      gone = true;
      close?.();
    };
  }, [before, after, language, narrow, same, phrases]);
  if (same) return <p className="pad t2">{t(m.noDifference)}</p>;
  return (
    <>
      <div className="cmp-head">
        <span className="trunc">{narrow ? `${before.label} → ${after.label}` : before.label}</span>
        {narrow ? null : <span className="trunc">{after.label}</span>}
      </div>
      <div className="cmp" ref={host} />
    </>
  );
}
