import { IconLock } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useT } from "@/i18n";
import { controlFor, isRequired } from "@/lib/rules";
import { FieldFrame, SelectField, Switch, TextField } from "@/ui/field";
import { Icon } from "@/ui/icon";
import { m } from "./messages";

interface Props {
  label: string;
  /** Its name in the environment. */
  name: string;
  rules: readonly string[];
  value: string;
  secret?: boolean;
  hint?: ReactNode;
  error?: string | undefined;
  /** Shown, but not to be changed; the text says why. */
  fixed?: string | undefined;
  onChange: (value: string) => void;
}

/** One egg variable, in the form its rules ask for. */
export function VariableField({ label, name, rules, value, secret, hint, error, fixed, onChange }: Props) {
  const t = useT();
  const control = controlFor(rules, value);
  const common = { label, tech: name, hint, error };
  if (fixed !== undefined)
    return (
      <FieldFrame label={label} tech={name} hint={hint ?? fixed}>
        {({ id, describedBy }) => (
          <div className="inp ro">
            <input
              id={id}
              className="mono"
              type={secret ? "password" : "text"}
              readOnly
              autoComplete="off"
              title={fixed}
              value={value}
              aria-describedby={describedBy}
            />
            <Icon of={IconLock} size="s" className="t3" />
            <span className="vh">{t(m.fixedShort)}</span>
          </div>
        )}
      </FieldFrame>
    );
  if (control.kind === "switch")
    return (
      <Switch
        {...common}
        checked={value === control.on}
        onChange={(event) => onChange(event.currentTarget.checked ? control.on : control.off)}
      />
    );
  if (control.kind === "select")
    return (
      <SelectField {...common} value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        {control.options.includes(value) ? null : (
          <option value={value}>{value === "" ? "–" : t(m.notInList, { value })}</option>
        )}
        {control.options.map((option) => (
          <option key={option} value={option}>
            {option === "" ? "–" : option}
          </option>
        ))}
      </SelectField>
    );
  return (
    <TextField
      {...common}
      mono
      optional={!isRequired(rules)}
      type={secret ? "password" : "text"}
      inputMode={control.kind === "number" ? "decimal" : "text"}
      autoComplete="off"
      spellCheck={false}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
