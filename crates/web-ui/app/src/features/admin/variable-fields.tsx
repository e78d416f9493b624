import type { EggVariable } from "@/api/queries";
import { ruleText } from "@/features/variables/rule-text";
import { VariableField } from "@/features/variables/variable-field";
import { useT } from "@/i18n";
import { checkRules } from "@/lib/rules";
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
          return (
            <VariableField
              key={name}
              label={variable.name}
              name={name}
              rules={variable.rules}
              value={value}
              secret={variable.is_secret}
              hint={variable.description || undefined}
              error={error}
              onChange={(next) => onChange(name, next)}
            />
          );
        })}
    </div>
  );
}
