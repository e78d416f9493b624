const LIMIT = 100;

function key(server: string): string {
  return `roost.commands.${server}`;
}

/** The commands sent to a server from this browser, oldest first. */
export function readHistory(server: string): string[] {
  try {
    const list: unknown = JSON.parse(localStorage.getItem(key(server)) ?? "[]");
    return Array.isArray(list) ? list.filter((c): c is string => typeof c === "string") : [];
  } catch {
    return [];
  }
}

/** Adds a command; the same one twice in a row is kept once. */
export function remember(server: string, command: string): string[] {
  const old = readHistory(server);
  const next = old.at(-1) === command ? old : [...old, command].slice(-LIMIT);
  try {
    localStorage.setItem(key(server), JSON.stringify(next));
  } catch {
    // Storage is blocked or full: the history lasts as long as the page.
  }
  return next;
}
