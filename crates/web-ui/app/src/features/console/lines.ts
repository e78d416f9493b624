// Pure rules for console output: what may reach the terminal, and how a replayed log joins what is already shown.

/** Where a line came from. */
export type LineKind = "output" | "install" | "daemon" | "command" | "rule";

export interface Line {
  at: number;
  kind: LineKind;
  text: string;
  /** Who sent it, for commands. */
  sender?: string;
}

// Everything that starts with ESC; a CSI sequence is told by its final letter.
const ESCAPES =
  /\x1b(?:\[([0-?]*)[ -/]*([@-~])|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[PX^_][^\x1b]*(?:\x1b\\)?|[ -/]*[0-~]?)/g;
const CONTROLS = /[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f\x80-\x9f]/g;

/**
 * Keeps text and colours (SGR) and drops every other sequence: titles, clipboard, cursor and window control.
 * A carriage return inside a line means "start over", as progress bars use it; the last version stays.
 */
export function sanitize(text: string): string {
  const newest =
    text
      .replace(/[\r\n]+$/, "")
      .split("\r")
      .at(-1) ?? "";
  return newest
    .replace(ESCAPES, (sequence, parameters: string | undefined, final: string | undefined) =>
      final === "m" && parameters !== undefined && /^[0-9;:]*$/.test(parameters) ? sequence : "",
    )
    .replace(CONTROLS, "");
}

/** How many of the last lines have to be found again before two logs count as joined. */
const ANCHOR = 4;

/**
 * Joins the log that the daemon replays after a reconnect with the lines already shown. Returns what is new, and
 * whether lines are missing between.
 */
export function mergeReplay(
  shown: readonly string[],
  replay: readonly string[],
): { fresh: string[]; gap: boolean } {
  if (replay.length === 0) return { fresh: [], gap: false };
  if (shown.length === 0) return { fresh: [...replay], gap: false };
  const anchor = shown.slice(-ANCHOR);
  for (let end = replay.length; end > 0; end -= 1) {
    const length = Math.min(anchor.length, end);
    let same = true;
    for (let i = 1; i <= length && same; i += 1) same = replay[end - i] === anchor[anchor.length - i];
    // A match at the very start of the replay may be shorter than the anchor: the rest lies before the replay.
    if (same) return { fresh: replay.slice(end), gap: false };
  }
  return { fresh: [...replay], gap: true };
}

/** Lines waiting for the terminal. It is bounded: when output comes faster than it can be shown, the oldest go. */
export class LineQueue {
  #lines: Line[] = [];
  #skipped = 0;
  readonly #limit: number;

  constructor(limit = 20_000) {
    this.#limit = limit;
  }

  get length(): number {
    return this.#lines.length;
  }

  push(line: Line): void {
    this.#lines.push(line);
    // Cut in large steps, so that overflowing costs little per line.
    if (this.#lines.length > this.#limit * 1.1) this.keep(this.#limit);
  }

  /** Drops all but the newest `count` lines. */
  keep(count: number): void {
    const extra = this.#lines.length - count;
    if (extra <= 0) return;
    this.#lines = this.#lines.slice(extra);
    this.#skipped += extra;
  }

  /** Takes everything, with the number of lines that were dropped before it. */
  drain(): { lines: Line[]; skipped: number } {
    const out = { lines: this.#lines, skipped: this.#skipped };
    this.#lines = [];
    this.#skipped = 0;
    return out;
  }
}

/** Delay before the next attempt to connect: doubling to 30 s, with full jitter. `random` is in [0, 1). */
export function backoff(attempt: number, random: number): number {
  const steps = [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000];
  const ceiling = steps[Math.min(attempt, steps.length - 1)] ?? 30_000;
  return Math.round(200 + random * (ceiling - 200));
}
