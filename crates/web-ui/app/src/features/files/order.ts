import type { SortKey } from "./place";
import type { FileEntry } from "./requests";

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

/** Entries in the order of the list: directories first, names as people count, equal ones by name. */
export function ordered(entries: readonly FileEntry[], sort: SortKey, down: boolean): FileEntry[] {
  const sign = down ? -1 : 1;
  // A date is compared once for each entry, not once for each pair.
  const keyed = entries.map((entry) => ({
    entry,
    key:
      sort === "size"
        ? entry.directory
          ? 0
          : entry.size
        : sort === "modified"
          ? Date.parse(entry.modified)
          : 0,
  }));
  keyed.sort((a, b) => {
    if (a.entry.directory !== b.entry.directory) return a.entry.directory ? -1 : 1;
    if (a.key !== b.key) return (a.key - b.key) * sign;
    const byName = collator.compare(a.entry.name, b.entry.name) || (a.entry.name < b.entry.name ? -1 : 1);
    return sort === "name" ? byName * sign : byName;
  });
  return keyed.map(({ entry }) => entry);
}

/** Those whose name holds the text. */
export function matching(entries: readonly FileEntry[], text: string): readonly FileEntry[] {
  const needle = text.trim().toLowerCase();
  return needle === "" ? entries : entries.filter((e) => e.name.toLowerCase().includes(needle));
}
