// What is typed and not saved yet, kept in the browser for when the tab, the session or the power goes.

const DATABASE = "roost";
const STORE = "drafts";
const KEPT_MS = 3 * 24 * 60 * 60_000;

export interface Draft {
  text: string;
  /** When it was typed. */
  at: number;
}

/** Whether a draft is worth offering: it is young enough and not what the file says anyway. */
export function isWorthOffering(draft: Draft | undefined, stored: string, now: number): draft is Draft {
  return draft !== undefined && now - draft.at < KEPT_MS && draft.text !== stored;
}

function database(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

async function withStore<T>(
  mode: IDBTransactionMode,
  act: (store: IDBObjectStore) => IDBRequest<T>,
): Promise<T> {
  const db = await database();
  try {
    return await new Promise<T>((resolve, reject) => {
      const request = act(db.transaction(STORE, mode).objectStore(STORE));
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  } finally {
    db.close();
  }
}

/** The draft of a file, where there is one. A browser that keeps nothing has none. */
export async function readDraft(key: string): Promise<Draft | undefined> {
  try {
    return (await withStore<unknown>("readonly", (store) => store.get(key))) as Draft | undefined;
  } catch {
    return undefined;
  }
}

/** Keeps a draft. False when the browser does not. */
export async function keepDraft(key: string, draft: Draft): Promise<boolean> {
  try {
    await withStore("readwrite", (store) => store.put(draft, key));
    return true;
  } catch {
    return false;
  }
}

/** Forgets a draft. Where nothing can be kept, nothing has to go. */
export async function dropDraft(key: string): Promise<void> {
  try {
    await withStore("readwrite", (store) => store.delete(key));
  } catch {
    return;
  }
}
