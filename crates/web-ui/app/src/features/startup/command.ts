/** A piece of a startup command: as written, or filled in for a placeholder. */
export interface Piece {
  text: string;
  /** The placeholder's name, where this piece stands for one. */
  variable?: string;
  /** Whether a value was known. */
  filled?: boolean;
}

const PLACEHOLDER = /\{\{\s*([A-Za-z0-9_.]+)\s*\}\}|\$\{([A-Za-z0-9_]+)\}/g;

/** A startup command with the values that are known in place of its placeholders; the others stay as written. */
export function piecesOf(command: string, values: ReadonlyMap<string, string>): Piece[] {
  const out: Piece[] = [];
  let at = 0;
  for (const match of command.matchAll(PLACEHOLDER)) {
    const name = match[1] ?? match[2] ?? "";
    if (match.index > at) out.push({ text: command.slice(at, match.index) });
    const value = values.get(name.replace(/^server\.build\.env\./, ""));
    out.push(
      value === undefined
        ? { text: match[0], variable: name, filled: false }
        : { text: value, variable: name, filled: true },
    );
    at = match.index + match[0].length;
  }
  if (at < command.length) out.push({ text: command.slice(at) });
  return out;
}
