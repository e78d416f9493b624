import type { EggVariable } from "@/api/queries";
import { useT } from "@/i18n";
import { checkRules, controlFor, isRequired } from "@/lib/rules";
import { SelectField, Switch, TextField } from "@/ui/field";
import { ruleText } from "./checks";
import { m } from "./messages";

interface Props {
  variables: EggVariable[];
  /** What was typed; a variable that is missing here has its default. */
  values: Record<string, string>;
  /** Problems the server found, by variable. */
  refused: Record<string, string>;
  /** Show problems of fields that were never touched, after a try to submit. */
  strict: boolean;
  onChange: (name: string, value: string) => void;
}

/** The value a variable has now. */
export function currentValue(variable: EggVariable, values: Record<string, string>): string {
  return values[variable.env_variable] ?? variable.default_value ?? "";
}

/** One field per egg variable, in the form its rules ask for, checked while typing. */
export function VariableFields({ variables, values, refused, strict, onChange }: Props) {
  const t = useT();
  if (variables.length === 0) return <p className="t2">{t(m.noVariables)}</p>;
  return (
    <div className="formgrid">
      {[...variables]
        .sort((a, b) => a.order - b.order)
        .map((variable) => {
          const name = variable.env_variable;
          const value = currentValue(variable, values);
          const touched = strict || name in values;
          const problem = touched ? checkRules(variable.rules, value) : null;
          const error = refused[name] ?? (problem ? ruleText(t, problem) : undefined);
          const control = controlFor(variable.rules, value);
          const common = {
            label: variable.name,
            tech: name,
            hint: variable.description || undefined,
            error,
          };
          if (control.kind === "switch")
            return (
              <Switch
                key={name}
                {...common}
                checked={value === control.on}
                onChange={(event) => onChange(name, event.currentTarget.checked ? control.on : control.off)}
              />
            );
          if (control.kind === "select")
            return (
              <SelectField
                key={name}
                {...common}
                value={value}
                onChange={(event) => onChange(name, event.currentTarget.value)}
              >
                {control.options.includes(value) ? null : (
                  <option value={value}>{value === "" ? "–" : t(m.pNotInList, { value })}</option>
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
              key={name}
              {...common}
              mono
              optional={!isRequired(variable.rules)}
              type={variable.is_secret ? "password" : "text"}
              inputMode={control.kind === "number" ? "decimal" : "text"}
              autoComplete="off"
              spellCheck={false}
              value={value}
              onChange={(event) => onChange(name, event.currentTarget.value)}
            />
          );
        })}
    </div>
  );
}
