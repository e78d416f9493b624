import { checkRules, type RuleProblem } from "@/lib/rules";
import type { Variable } from "./requests";

/** What was typed, by variable; a variable that is missing here has its stored value. */
export type Draft = Readonly<Record<string, string>>;

/** The values that differ from what is stored. */
export function changesOf(variables: readonly Variable[], draft: Draft): Record<string, string> {
  const out: Record<string, string> = {};
  for (const { env_variable: name, value, is_editable: editable } of variables) {
    const typed = draft[name];
    if (editable && typed !== undefined && typed !== value) out[name] = typed;
  }
  return out;
}

/**
 * What is wrong with a value. Defaults of real eggs often break the egg's own rules, so a value that is the default is
 * taken as it is, as the panel does.
 */
export function problemOf(
  variable: Pick<Variable, "rules" | "default_value">,
  value: string,
): RuleProblem | null {
  if (value !== "" && value === (variable.default_value ?? "")) return null;
  return checkRules(variable.rules, value);
}

/** The draft in which every variable that may be changed has the egg's default. */
export function defaultsOf(variables: readonly Variable[]): Draft {
  const out: Record<string, string> = {};
  for (const { env_variable: name, value, default_value, is_editable: editable } of variables) {
    const wanted = default_value ?? "";
    if (editable && value !== wanted) out[name] = wanted;
  }
  return out;
}

/** The messages of a refusal, by variable. */
export function refusedOf(fields: Readonly<Record<string, readonly string[]>>): Record<string, string> {
  const out: Record<string, string> = {};
  for (const [field, [text]] of Object.entries(fields))
    if (text && field.startsWith("variables.")) out[field.slice("variables.".length)] = text;
  return out;
}
