import { freeName, trail } from "./paths";
import type { Incoming } from "./uploads";

/** What was dropped or chosen: files, and the directories that came with them. */
export interface Dropped {
  files: Incoming[];
  folders: string[];
}

/** Reads what is dropped, directories with all in them. Has to be called while the event lasts. */
export async function readDrop(data: DataTransfer): Promise<Dropped> {
  const entries = [...data.items].map((item) => item.webkitGetAsEntry()).filter((e) => e !== null);
  const out: Dropped = { files: [], folders: [] };
  if (entries.length === 0) {
    out.files = [...data.files].map((file) => ({ below: "", file }));
    return out;
  }
  await Promise.all(entries.map((entry) => readEntry(entry, "", out)));
  return out;
}

async function readEntry(entry: FileSystemEntry, below: string, out: Dropped): Promise<void> {
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) =>
      (entry as FileSystemFileEntry).file(resolve, reject),
    );
    out.files.push({ below, file });
    return;
  }
  const inside = below === "" ? entry.name : `${below}/${entry.name}`;
  out.folders.push(inside);
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  // Each call gives some of them; none at the end.
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (some.length === 0) break;
    await Promise.all(some.map((child) => readEntry(child, inside, out)));
  }
}

/** Reads what was chosen with a file picker; of a folder, browsers give the files with their paths. */
export function readPicked(list: Iterable<File>): Dropped {
  const files = [...list].map((file): Incoming => {
    const path = file.webkitRelativePath;
    return { below: path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : "", file };
  });
  const folders = new Set(files.flatMap((f) => trail(f.below).map((step) => step.path.slice(1))));
  return { files, folders: [...folders] };
}

const topOf = (below: string) => below.split("/")[0] ?? "";

/** The names right below the directory that are there already. */
export function conflicts({ files, folders }: Dropped, taken: ReadonlySet<string>): string[] {
  const tops = [...files.map((f) => (f.below === "" ? f.file.name : topOf(f.below))), ...folders.map(topOf)];
  return [...new Set(tops)].filter((name) => taken.has(name));
}

export type Answer = "replace" | "skip" | "both";

/** What is really sent, after the person has decided about the names that are there already. */
export function settle(dropped: Dropped, answer: Answer, taken: ReadonlySet<string>, word: string): Dropped {
  if (answer === "replace") return dropped;
  const inTheWay = new Set(conflicts(dropped, taken));
  if (answer === "skip")
    return {
      files: dropped.files.filter((f) => !inTheWay.has(f.below === "" ? f.file.name : topOf(f.below))),
      folders: dropped.folders.filter((folder) => !inTheWay.has(topOf(folder))),
    };
  const used = new Set(taken);
  const fresh = new Map<string, string>();
  for (const name of inTheWay) {
    const free = freeName(name, used, word);
    used.add(free);
    fresh.set(name, free);
  }
  const moved = (below: string) => {
    const name = fresh.get(topOf(below));
    return name === undefined ? below : `${name}${below.slice(topOf(below).length)}`;
  };
  return {
    files: dropped.files.map(({ below, file }) => {
      const name = below === "" ? fresh.get(file.name) : undefined;
      return {
        below: moved(below),
        file:
          name === undefined
            ? file
            : new File([file], name, { type: file.type, lastModified: file.lastModified }),
      };
    }),
    folders: dropped.folders.map(moved),
  };
}

export function sizeOf({ files }: Dropped): number {
  return files.reduce((sum, f) => sum + f.file.size, 0);
}
