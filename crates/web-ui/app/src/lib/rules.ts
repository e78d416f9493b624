// Checks the value of an egg variable by the egg's own rules, in the browser, for an answer while typing. Only
// rules that can be told for certain are checked here; the server checks all of them again.

export type RuleProblem =
  | { kind: "required" }
  | { kind: "integer" | "numeric" | "boolean" | "pattern" | "alpha_dash" | "alpha_num" | "url" | "digits" }
  | { kind: "in"; options: string[] }
  | { kind: "min" | "max" | "size"; bound: number; text: boolean }
  | { kind: "between"; low: number; high: number; text: boolean };

interface Rule {
  name: string;
  raw: string;
  args: string[];
}

const ALIASES: Record<string, string> = { int: "integer", bool: "boolean" };

function parse(text: string): Rule | null {
  const cut = text.indexOf(":");
  const head = (cut < 0 ? text : text.slice(0, cut)).trim();
  if (head === "") return null;
  const snake = head
    .replace(/([a-z])([A-Z])/g, "$1_$2")
    .replace(/-/g, "_")
    .toLowerCase();
  const raw = cut < 0 ? "" : text.slice(cut + 1);
  return { name: ALIASES[snake] ?? snake, raw, args: raw === "" ? [] : splitArgs(raw) };
}

function splitArgs(raw: string): string[] {
  const out: string[] = [];
  let item = "";
  let quoted = false;
  for (const ch of raw) {
    if (ch === '"') quoted = !quoted;
    else if (ch === "," && !quoted) {
      out.push(item);
      item = "";
    } else item += ch;
  }
  out.push(item);
  return out;
}

const NUMERIC = /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i;
const INTEGER = /^\s*[+-]?(0|[1-9]\d*)\s*$/;

/** A pattern between delimiters as the egg writes it, or null when this engine can't read it. */
function pattern(raw: string): RegExp | null {
  const open = raw.charAt(0);
  const close = { "(": ")", "[": "]", "{": "}", "<": ">" }[open] ?? open;
  const end = raw.lastIndexOf(close);
  if (open === "" || /[a-z0-9\\]/i.test(open) || end <= 0) return null;
  const flags = raw.slice(end + 1).replace(/[^imsu]/g, "");
  try {
    return new RegExp(raw.slice(1, end), flags);
  } catch {
    return null;
  }
}

/** The first problem of a value, or null. An empty value is "not set" and fails only on `required`. */
export function checkRules(rules: readonly string[], value: string): RuleProblem | null {
  const parsed = rules.map(parse).filter((r): r is Rule => r !== null);
  if (value.trim() === "") return parsed.some((r) => r.name === "required") ? { kind: "required" } : null;
  const counts = parsed.some((r) => r.name === "numeric" || r.name === "integer") && NUMERIC.test(value);
  const size = counts ? Number(value) : [...value].length;
  const text = !counts;
  for (const rule of parsed) {
    const first = Number(rule.args[0]);
    const second = Number(rule.args[1]);
    switch (rule.name) {
      case "integer":
        if (!INTEGER.test(value)) return { kind: "integer" };
        break;
      case "numeric":
        if (!NUMERIC.test(value)) return { kind: "numeric" };
        break;
      case "boolean":
        if (!["0", "1", "true", "false"].includes(value)) return { kind: "boolean" };
        break;
      case "in":
        if (!rule.args.includes(value)) return { kind: "in", options: rule.args };
        break;
      case "min":
      case "max":
      case "size": {
        const wrong =
          rule.name === "min" ? size < first : rule.name === "max" ? size > first : size !== first;
        if (Number.isFinite(first) && wrong) return { kind: rule.name, bound: first, text };
        break;
      }
      case "between":
        if (Number.isFinite(first) && Number.isFinite(second) && (size < first || size > second))
          return { kind: "between", low: first, high: second, text };
        break;
      case "digits":
        if (!/^\d+$/.test(value) || value.length !== first) return { kind: "digits" };
        break;
      case "digits_between":
        if (!/^\d+$/.test(value) || value.length < first || value.length > second) return { kind: "digits" };
        break;
      case "alpha_dash":
        if (!/^[\p{L}\p{M}\p{N}_-]+$/u.test(value)) return { kind: "alpha_dash" };
        break;
      case "alpha_num":
        if (!/^[\p{L}\p{M}\p{N}]+$/u.test(value)) return { kind: "alpha_num" };
        break;
      case "url":
        if (!URL.canParse(value) || !/^[a-z][a-z0-9+.-]*:\/\//i.test(value)) return { kind: "url" };
        break;
      case "regex":
      case "not_regex": {
        const re = pattern(rule.raw);
        if (re && re.test(value) !== (rule.name === "regex")) return { kind: "pattern" };
        break;
      }
    }
  }
  return null;
}

export type RuleControl =
  | { kind: "switch"; on: string; off: string }
  | { kind: "select"; options: string[] }
  | { kind: "number" }
  | { kind: "text" };

/** Which control fits a variable with these rules. `value` tells how a boolean is written. */
export function controlFor(rules: readonly string[], value: string): RuleControl {
  const parsed = rules.map(parse).filter((r): r is Rule => r !== null);
  const choice = parsed.find((r) => r.name === "in");
  if (choice) {
    const options = choice.args.filter((o, i) => choice.args.indexOf(o) === i);
    const set = new Set(options);
    if (set.size === 2 && set.has("true") && set.has("false"))
      return { kind: "switch", on: "true", off: "false" };
    if (set.size === 2 && set.has("1") && set.has("0")) return { kind: "switch", on: "1", off: "0" };
    return { kind: "select", options };
  }
  if (parsed.some((r) => r.name === "boolean")) {
    const words = value === "true" || value === "false";
    return words ? { kind: "switch", on: "true", off: "false" } : { kind: "switch", on: "1", off: "0" };
  }
  if (parsed.some((r) => r.name === "integer" || r.name === "numeric")) return { kind: "number" };
  return { kind: "text" };
}

/** Whether a variable must have a value. */
export function isRequired(rules: readonly string[]): boolean {
  return rules.some((r) => parse(r)?.name === "required");
}
