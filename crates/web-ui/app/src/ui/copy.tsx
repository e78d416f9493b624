import { IconCheck, IconCopy } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { messages, useT } from "@/i18n";
import { Button } from "./button";
import { Icon } from "./icon";

export const m = messages("copy", {
  copy: "Copy",
  copied: "Copied",
  what: "Copy {what}",
});

async function toClipboard(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Without https there is no clipboard API; the old command still works.
    const area = document.createElement("textarea");
    area.value = text;
    area.style.position = "fixed";
    area.style.opacity = "0";
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}

function useCopied(): [boolean, (text: string) => void] {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = window.setTimeout(() => setCopied(false), 2_000);
    return () => window.clearTimeout(timer);
  }, [copied]);
  return [copied, (text) => void toClipboard(text).then(setCopied)];
}

/** A text button that copies. */
export function CopyButton({ text, framed }: { text: string; framed?: boolean }) {
  const t = useT();
  const [copied, copy] = useCopied();
  const word = <span aria-live="polite">{t(copied ? m.copied : m.copy)}</span>;
  if (framed)
    return (
      <Button size="sm" icon={copied ? IconCheck : IconCopy} onClick={() => copy(text)}>
        {word}
      </Button>
    );
  return (
    <button type="button" className="link" onClick={() => copy(text)}>
      {word}
    </button>
  );
}

/** A value in mono that copies itself when pressed. `plain` is the form inside cards, without an edge. */
export function CopyChip({ text, what, plain }: { text: string; what: string; plain?: boolean }) {
  const t = useT();
  const [copied, copy] = useCopied();
  return (
    <button
      type="button"
      className={plain ? "adr" : "copy"}
      title={t(m.what, { what })}
      onClick={() => copy(text)}
    >
      <span className="trunc">{text}</span>
      <Icon of={copied ? IconCheck : IconCopy} />
      <span className="vh" aria-live="polite">
        {copied ? t(m.copied) : t(m.what, { what })}
      </span>
    </button>
  );
}
