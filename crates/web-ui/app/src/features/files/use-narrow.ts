import { useSyncExternalStore } from "react";

const query = window.matchMedia("(max-width: 760px)");

function subscribe(change: () => void): () => void {
  query.addEventListener("change", change);
  return () => query.removeEventListener("change", change);
}

/** Whether this is a phone's screen. */
export function useNarrow(): boolean {
  return useSyncExternalStore(subscribe, () => query.matches);
}
