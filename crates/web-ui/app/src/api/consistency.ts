// A mutating answer carries a token that says how far the database has come. Sending it with later requests is
// what makes "read your own writes" hold on any backend. It is shared by all tabs through local storage.

const HEADER = "X-Consistency-Token";
const KEY = "roost.consistency";
/** The server ignores a token that is older than this, so there is no reason to send it. */
const LIFETIME_MS = 15 * 60_000;

interface Kept {
  token: string;
  at: number;
}

let memory: Kept | null = null;

function read(): Kept | null {
  try {
    const raw = localStorage.getItem(KEY);
    return raw ? (JSON.parse(raw) as Kept) : memory;
  } catch {
    return memory;
  }
}

/** Adds the newest known token to a request. */
export function attachToken(headers: Headers, now: number): void {
  const kept = read();
  if (kept && now - kept.at < LIFETIME_MS) headers.set(HEADER, kept.token);
}

/** Keeps the token of an answer. `startedAt` is when its request was sent: of two answers that cross, the later request wins. */
export function keepToken(headers: Headers, startedAt: number): void {
  const token = headers.get(HEADER);
  if (!token) return;
  const kept = read();
  if (kept && kept.at > startedAt) return;
  memory = { token, at: startedAt };
  try {
    localStorage.setItem(KEY, JSON.stringify(memory));
  } catch {
    // Storage is blocked: this tab still keeps its own token.
  }
}

/** Forgets the token, which is bound to the account that signed out. */
export function dropToken(): void {
  memory = null;
  try {
    localStorage.removeItem(KEY);
  } catch {
    // Nothing was stored.
  }
}
