import type { FileEntry } from "./requests";

/** An entry for tests. */
export function entry(name: string, change: Partial<FileEntry> = {}): FileEntry {
  const directory = change.directory ?? false;
  return {
    name,
    directory,
    file: !directory,
    symlink: false,
    virtual: false,
    editable: !directory,
    inner_editable: false,
    mode: directory ? "drwxr-xr-x" : "-rw-r--r--",
    mode_bits: directory ? "755" : "644",
    size: 0,
    size_physical: 0,
    mime: directory ? "inode/directory" : "text/plain",
    created: "2026-11-01T00:00:00Z",
    modified: "2026-11-01T00:00:00Z",
    ...change,
  };
}
