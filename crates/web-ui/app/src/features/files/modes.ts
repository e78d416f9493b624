// Modes as three or four octal digits: `644`, `2755`.

export function isMode(text: string): boolean {
  return /^[0-7]{3,4}$/.test(text);
}

const place = (mode: string, who: number) => mode.length - 3 + who;

/** Whether `who` (owner, group, others) may do `what` (read, write, execute). */
export function bitOf(mode: string, who: number, what: number): boolean {
  return (Number(mode[place(mode, who)] ?? "0") & (4 >> what)) !== 0;
}

export function withBit(mode: string, who: number, what: number, on: boolean): string {
  const at = place(mode, who);
  const digit = Number(mode[at] ?? "0");
  const bit = 4 >> what;
  return `${mode.slice(0, at)}${on ? digit | bit : digit & ~bit}${mode.slice(at + 1)}`;
}

/** `rw-r--r--`, with the letter of what it is in front. */
export function symbolic(mode: string, kind: string): string {
  const words = [0, 1, 2].map((who) =>
    ["r", "w", "x"].map((letter, what) => (bitOf(mode, who, what) ? letter : "-")).join(""),
  );
  return `${kind}${words.join("")}`;
}
