import { useT } from "@/i18n";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import type { Answer } from "../incoming";
import { m } from "../messages";

interface Props {
  names: readonly string[];
  onAnswer: (answer: Answer) => void;
  onClose: () => void;
}

const SHOWN = 6;

/** Asks what becomes of uploads whose names are there already. */
export function ConflictDialog({ names, onAnswer, onClose }: Props) {
  const t = useT();
  return (
    <Dialog title={t(m.conflictTitle, { count: names.length, name: names[0] ?? "" })} open onClose={onClose}>
      <div className="stack g12">
        <p className="t2">{t(m.conflictText)}</p>
        <ul className="notes mono sm">
          {names.slice(0, SHOWN).map((name) => (
            <li key={name} className="breakable">
              {name}
            </li>
          ))}
        </ul>
        {names.length > SHOWN ? (
          <p className="sm t3">{t(m.andMore, { count: names.length - SHOWN })}</p>
        ) : null}
        <div className="row dialog-foot">
          <Button onClick={() => onAnswer("skip")} data-autofocus>
            {t(m.skip)}
          </Button>
          <Button onClick={() => onAnswer("both")}>{t(m.keepBoth)}</Button>
          <Button look="danger-fill" onClick={() => onAnswer("replace")}>
            {t(m.replace)}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
