import { type NameProblem, nameProblem } from "./paths";

/** How many names are changed at once. */
export interface RenameRule {
  find: string;
  replace: string;
  /** Whether `find` is a regular expression; `$1` in the replacement then stands for its first group. */
  pattern: boolean;
  before: string;
  after: string;
  /** Put a number after each name, in the order of the list. */
  number: boolean;
}

export const noChange: RenameRule = {
  find: "",
  replace: "",
  pattern: false,
  before: "",
  after: "",
  number: false,
};

export interface Renaming {
  from: string;
  to: string;
  problem: NameProblem | null;
}

export interface RenamePlan {
  rows: Renaming[];
  /** Those that really change. */
  moves: { from: string; to: string }[];
  /** The expression that can't be read. */
  badPattern: boolean;
}

function split(name: string): [string, string] {
  const dot = name.lastIndexOf(".");
  return dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ""];
}

/** What the rule makes of the names, and what stands against it. `taken` are all names of the directory. */
export function planRename(
  names: readonly string[],
  rule: RenameRule,
  taken: ReadonlySet<string>,
): RenamePlan {
  let change = (name: string) => name;
  let badPattern = false;
  if (rule.find !== "" && rule.pattern) {
    try {
      const expression = new RegExp(rule.find, "gu");
      change = (name) => name.replace(expression, rule.replace);
    } catch {
      badPattern = true;
    }
  } else if (rule.find !== "") {
    change = (name) => name.split(rule.find).join(rule.replace);
  }
  const digits = String(names.length).length;
  const made = names.map((from, i) => {
    const [stem, ending] = split(change(from));
    const number = rule.number ? ` ${String(i + 1).padStart(digits, "0")}` : "";
    return { from, to: `${rule.before}${stem}${rule.after}${number}${ending}` };
  });
  const count = new Map<string, number>();
  for (const { to } of made) count.set(to, (count.get(to) ?? 0) + 1);
  const rows = made.map(({ from, to }): Renaming => {
    if (from === to) return { from, to, problem: (count.get(to) ?? 0) > 1 ? "taken" : null };
    // A name that another one of them leaves is not free yet: nobody knows which goes first.
    const problem = nameProblem(to, taken) ?? ((count.get(to) ?? 0) > 1 ? "taken" : null);
    return { from, to, problem };
  });
  const moves = rows.filter((r) => r.from !== r.to).map(({ from, to }) => ({ from, to }));
  return { rows, moves, badPattern };
}
