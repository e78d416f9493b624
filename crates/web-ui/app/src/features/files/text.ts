/** How a text file is written, so that saving changes nothing but what was typed. */
export interface Form {
  /** Whether it begins with a byte order mark. */
  bom: boolean;
  newline: "\n" | "\r\n";
}

export interface TextFile extends Form {
  /** Its text, with `\n` at the end of each line. */
  text: string;
}

/** Reads bytes as UTF-8; null when they are no text. */
export function readText(bytes: Uint8Array): TextFile | null {
  if (bytes.subarray(0, 8_192).includes(0)) return null;
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
  const bom = text.startsWith("\uFEFF");
  if (bom) text = text.slice(1);
  const windows = (text.match(/\r\n/g) ?? []).length;
  const all = (text.match(/\n/g) ?? []).length;
  return { text: text.replace(/\r\n?/g, "\n"), bom, newline: windows * 2 > all ? "\r\n" : "\n" };
}

/** The bytes that a text is stored as. */
export function writeText(text: string, { bom, newline }: Form): Uint8Array<ArrayBuffer> {
  const body = newline === "\n" ? text : text.replace(/\n/g, "\r\n");
  return new TextEncoder().encode(bom ? `\uFEFF${body}` : body);
}

export type Stored = "same" | "changed" | "gone";

/** What became of a file since it was opened: `opened` is its content then (null: it was not there), `now` its content now. */
export function compareStored(opened: Uint8Array | null, now: Uint8Array | null): Stored {
  if (now === null) return opened === null ? "same" : "gone";
  if (opened === null || opened.length !== now.length) return "changed";
  return opened.every((byte, i) => byte === now[i]) ? "same" : "changed";
}
