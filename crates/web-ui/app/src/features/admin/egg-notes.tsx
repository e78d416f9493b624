import type { Answer } from "@/api/client";

/** Something to know about an egg's file that was read or is to be written. */
export type EggNote = Answer<"/api/admin/nests/{nest}/eggs/{egg}/export/report", "get">["notes"][number];

/** The remarks on an egg's file: where in it, and what became of the place. */
export function EggNotes({ notes }: { notes: EggNote[] }) {
  return (
    <ul className="notes sm t2">
      {notes.map((note) => (
        <li key={`${note.path} ${note.message}`}>
          {note.path ? <span className="mono t3 tech breakable">{note.path} </span> : null}
          {note.message}
        </li>
      ))}
    </ul>
  );
}
