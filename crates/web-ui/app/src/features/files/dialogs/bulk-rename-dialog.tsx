import { IconAlertCircle, IconArrowRight } from "@tabler/icons-react";
import { type FormEvent, useMemo, useState } from "react";
import { useT } from "@/i18n";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Switch, TextField } from "@/ui/field";
import { Icon } from "@/ui/icon";
import { useRename } from "../changes";
import { m } from "../messages";
import { noChange, planRename } from "../rename";

/** Rows that are shown of the preview; what stands in the way is counted over all of them. */
const SHOWN = 200;

interface Props {
  server: string;
  directory: string;
  /** In the order of the list. */
  names: readonly string[];
  taken: ReadonlySet<string>;
  onClose: () => void;
}

/** Renames many by a rule, and shows each new name before anything happens. */
export function BulkRenameDialog({ server, directory, names, taken, onClose }: Props) {
  const t = useT();
  const [rule, setRule] = useState(noChange);
  const rename = useRename(server, directory);
  const plan = useMemo(() => planRename(names, rule, taken), [names, rule, taken]);
  const problems = plan.rows.filter((r) => r.problem !== null).length;
  const ready = plan.moves.length > 0 && problems === 0 && !plan.badPattern;
  function submit(event: FormEvent) {
    event.preventDefault();
    if (!ready) return;
    rename.mutate(plan.moves);
    onClose();
  }
  const text = (key: "find" | "replace" | "before" | "after") => ({
    value: rule[key],
    mono: true,
    autoComplete: "off",
    spellCheck: false,
    onChange: (event: { currentTarget: HTMLInputElement }) =>
      setRule({ ...rule, [key]: event.currentTarget.value }),
  });
  // What stands in the way comes first, so that it is seen.
  const shown = [...plan.rows]
    .sort((a, b) => Number(b.problem !== null) - Number(a.problem !== null))
    .slice(0, SHOWN);
  return (
    <Dialog title={t(m.bulkTitle, { count: names.length })} open onClose={onClose} wide>
      <form className="stack g12" onSubmit={submit} noValidate>
        <div className="formgrid">
          <TextField
            label={t(m.find)}
            error={plan.badPattern ? t(m.badPattern) : undefined}
            data-autofocus
            {...text("find")}
          />
          <TextField label={t(m.replaceWith)} {...text("replace")} />
          <TextField label={t(m.putBefore)} {...text("before")} />
          <TextField label={t(m.putAfter)} {...text("after")} />
        </div>
        <div className="row g16 wrap">
          <Switch
            label={t(m.usePattern)}
            checked={rule.pattern}
            onChange={(event) => setRule({ ...rule, pattern: event.currentTarget.checked })}
          />
          <Switch
            label={t(m.addNumbers)}
            checked={rule.number}
            onChange={(event) => setRule({ ...rule, number: event.currentTarget.checked })}
          />
        </div>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a list that scrolls has to be reached by keyboard. */}
        <ul className="preview" tabIndex={0} aria-label={t(m.preview)}>
          {shown.map((row) => (
            <li key={row.from} className={row.from === row.to ? "t3" : undefined}>
              <span className="mono trunc">{row.from}</span>
              <Icon of={IconArrowRight} size="s" className="t3" />
              <span className="mono trunc">{row.to || "–"}</span>
              {row.problem ? (
                <span className="errmsg">
                  <Icon of={IconAlertCircle} />
                  {t(m[`name_${row.problem}`])}
                </span>
              ) : null}
            </li>
          ))}
        </ul>
        <p className="sm t3" role="status">
          {problems > 0
            ? t(m.bulkProblems, { count: problems })
            : t(m.bulkCount, { count: plan.moves.length, all: names.length })}
        </p>
        <div className="row dialog-foot">
          <Button onClick={onClose}>{t(m.cancel)}</Button>
          <Button look="primary" type="submit" disabled={!ready}>
            {t(m.bulkAct, { count: plan.moves.length })}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
