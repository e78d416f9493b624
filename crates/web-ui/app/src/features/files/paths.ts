// Paths of a server's files: absolute, with slashes, `/` is the root. What stands between two slashes is a name, whatever it holds.

/** The longest name that file systems take, in bytes. */
const MAX_NAME = 255;

function parts(path: string): string[] {
  const out: string[] = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part === "..") out.pop();
    else out.push(part);
  }
  return out;
}

/** The one way to write a path: with a slash in front, none at the end, and nothing to resolve. */
export function clean(path: string): string {
  return `/${parts(path).join("/")}`;
}

/** A path below a directory. A path with a slash in front starts at the root. */
export function join(directory: string, path: string): string {
  return path.startsWith("/") ? clean(path) : clean(`${directory}/${path}`);
}

export function parentOf(path: string): string {
  return clean(`${path}/..`);
}

/** The last part; empty for the root. */
export function nameOf(path: string): string {
  return parts(path).at(-1) ?? "";
}

/** The directories on the way to a path, from the root's first child to itself. */
export function trail(path: string): { name: string; path: string }[] {
  const names = parts(path);
  return names.map((name, i) => ({ name, path: `/${names.slice(0, i + 1).join("/")}` }));
}

/** Whether `path` is `directory` or in it. */
export function isWithin(path: string, directory: string): boolean {
  const of = clean(directory);
  const p = clean(path);
  return of === "/" || p === of || p.startsWith(`${of}/`);
}

/** `path` as seen from `directory`, going up where it has to. */
export function relative(directory: string, path: string): string {
  const from = parts(directory);
  const to = parts(path);
  let same = 0;
  while (same < from.length && same < to.length && from[same] === to[same]) same += 1;
  return [...from.slice(same).map(() => ".."), ...to.slice(same)].join("/");
}

export type NameProblem = "empty" | "slash" | "dots" | "long" | "taken";

/** What keeps a text from being the name of a file beside `others`. */
export function nameProblem(name: string, others: ReadonlySet<string>): NameProblem | null {
  if (name.trim() === "") return "empty";
  if (name.includes("/") || name.includes("\0")) return "slash";
  if (name === "." || name === "..") return "dots";
  if (new TextEncoder().encode(name).length > MAX_NAME) return "long";
  return others.has(name) ? "taken" : null;
}

/** A name that is not taken yet: `world copy.zip`, `world copy 2.zip`. */
export function freeName(name: string, taken: ReadonlySet<string>, word: string): string {
  const dot = name.lastIndexOf(".");
  const [stem, ending] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ""];
  for (let n = 1; ; n += 1) {
    const next = `${stem} ${word}${n === 1 ? "" : ` ${n}`}${ending}`;
    if (!taken.has(next)) return next;
  }
}
