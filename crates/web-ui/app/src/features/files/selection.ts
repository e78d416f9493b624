/** What is marked in a list, as in desktop file managers: a set, where the keyboard stands, and where a range began. */
export interface Selection {
  names: ReadonlySet<string>;
  cursor: string | null;
  anchor: string | null;
}

export const nothing: Selection = { names: new Set(), cursor: null, anchor: null };

interface Keys {
  /** Add to the range that began at the anchor. */
  shift?: boolean;
  /** Keep what is marked already. */
  keep?: boolean;
}

function range(order: readonly string[], from: string, to: string): string[] {
  const a = order.indexOf(from);
  const b = order.indexOf(to);
  return a < 0 || b < 0 ? [to] : order.slice(Math.min(a, b), Math.max(a, b) + 1);
}

/** A press on a row: alone, added (`keep`), or everything from the anchor on (`shift`). */
export function pick(
  of: Selection,
  order: readonly string[],
  name: string,
  { shift, keep }: Keys = {},
): Selection {
  if (shift && of.anchor !== null) {
    const more = range(order, of.anchor, name);
    return { names: new Set(keep ? [...of.names, ...more] : more), cursor: name, anchor: of.anchor };
  }
  if (!keep) return { names: new Set([name]), cursor: name, anchor: name };
  const names = new Set(of.names);
  if (!names.delete(name)) names.add(name);
  return { names, cursor: name, anchor: name };
}

/** Moves the keyboard's place by so many rows. With `shift` the range follows, else nothing is marked by it. */
export function step(of: Selection, order: readonly string[], by: number, shift: boolean): Selection {
  if (order.length === 0) return of;
  const at = of.cursor === null ? -1 : order.indexOf(of.cursor);
  // Without a place, down comes from above the list and up from below it.
  const from = at >= 0 ? at : by < 0 ? order.length : -1;
  const to = Math.min(order.length - 1, Math.max(0, from + by));
  const cursor = order[to] ?? null;
  if (cursor === null) return of;
  if (!shift) return { ...of, cursor, anchor: cursor };
  return pick({ ...of, anchor: of.anchor ?? of.cursor ?? cursor }, order, cursor, { shift: true });
}

export function all(of: Selection, order: readonly string[]): Selection {
  return { ...of, names: new Set(order) };
}

/** What is left of it when the list has changed. */
export function kept(of: Selection, order: ReadonlySet<string>): Selection {
  const names = [...of.names].filter((name) => order.has(name));
  const stands = (name: string | null) => (name !== null && order.has(name) ? name : null);
  const cursor = stands(of.cursor);
  const anchor = stands(of.anchor);
  if (names.length === of.names.size && cursor === of.cursor && anchor === of.anchor) return of;
  return { names: new Set(names), cursor, anchor };
}

/** The next name that begins with what was typed, from the cursor on and around. */
export function typed(order: readonly string[], cursor: string | null, text: string): string | null {
  const needle = text.toLowerCase();
  const at = cursor === null ? -1 : order.indexOf(cursor);
  // One letter goes on to the next; several stay where they still fit.
  const from = text.length === 1 ? at + 1 : Math.max(0, at);
  for (let i = 0; i < order.length; i += 1) {
    const name = order[(from + i) % order.length];
    if (name?.toLowerCase().startsWith(needle)) return name;
  }
  return null;
}
