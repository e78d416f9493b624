import { IntlMessageFormat } from "intl-messageformat";
import { describe, expect, it } from "vitest";
import type { Message } from ".";
import { german } from "./german";

const files = import.meta.glob<Record<string, unknown>>(
  ["../**/messages.ts", "../ui/*.tsx", "../features/console/*.ts"],
  {
    eager: true,
  },
);

function isMessage(value: unknown): value is Message {
  return typeof value === "object" && value !== null && "id" in value && "defaultMessage" in value;
}

/** Every message that a module exports, alone or in a group. */
const all: Message[] = Object.values(files).flatMap((module) =>
  Object.values(module).flatMap((value) =>
    isMessage(value)
      ? [value]
      : typeof value === "object" && value !== null
        ? Object.values(value).filter(isMessage)
        : [],
  ),
);

describe("messages", () => {
  it("are found", () => expect(all.length).toBeGreaterThan(200));

  it("have ids of their own", () => {
    const ids = all.map((m) => m.id);
    expect(ids.filter((id, i) => ids.indexOf(id) !== i)).toEqual([]);
  });

  it.each(all.map((m) => [m.id, m.defaultMessage]))("%s is well formed", (_, text) => {
    expect(() => new IntlMessageFormat(text, "en")).not.toThrow();
    expect(text).not.toMatch(/!|\b(please|oops)\b/i);
  });
});

/** What only operators see speaks English so far. */
const englishOnly = ["admin", "setup"];

describe("German", () => {
  it("has every text that users see", () => {
    const missing = all.map((m) => m.id).filter((id) => !(id in german));
    expect(missing.filter((id) => !englishOnly.includes(id.split(".")[0] ?? ""))).toEqual([]);
  });

  const arguments_ = (text: string) =>
    [...new Set(text.match(/\{(\w+)/g) ?? [])].filter((a) => /^\{[a-z]/.test(a));

  it.each(Object.entries(german))("%s belongs to a message and is well formed", (id, text) => {
    const english = all.find((m) => m.id === id)?.defaultMessage ?? "";
    expect(english).not.toBe("");
    expect(() => new IntlMessageFormat(text, "de")).not.toThrow();
    expect(text).not.toMatch(/!|\bbitte\b/i);
    // What a sentence leaves out is what it can't say; it must not ask for more.
    expect(arguments_(english)).toEqual(
      expect.arrayContaining(arguments_(text).filter((a) => !/^\{[A-ZÄÖÜ#]/.test(a))),
    );
  });
});
