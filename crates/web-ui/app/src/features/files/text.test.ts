import { describe, expect, it } from "vitest";
import { compareStored, readText, writeText } from "./text";

const bytes = (text: string) => new TextEncoder().encode(text);

describe("a text file", () => {
  it.each(["a\nb\n", "a\r\nb\r\n", "\uFEFFa\r\nb", "", "kein Ende"])("is stored as it was: %j", (text) => {
    const file = readText(bytes(text));
    expect(file).not.toBeNull();
    if (file) expect([...writeText(file.text, file)]).toEqual([...bytes(text)]);
  });

  it("is none with zero bytes or broken UTF-8", () => {
    expect(readText(new Uint8Array([80, 75, 3, 4, 0, 0]))).toBeNull();
    expect(readText(new Uint8Array([0xff, 0xfe, 0x41]))).toBeNull();
  });

  it("has one kind of line end, that of most lines", () => {
    expect(readText(bytes("a\r\nb\r\nc\n"))).toMatchObject({ text: "a\nb\nc\n", newline: "\r\n" });
    expect(readText(bytes("a\nb\nc\r\n"))?.newline).toBe("\n");
  });
});

describe("a file that is about to be saved", () => {
  it("is the same, changed or gone", () => {
    expect(compareStored(bytes("a"), bytes("a"))).toBe("same");
    expect(compareStored(bytes("a"), bytes("b"))).toBe("changed");
    expect(compareStored(bytes("a"), bytes("ab"))).toBe("changed");
    expect(compareStored(bytes("a"), null)).toBe("gone");
    expect(compareStored(null, null)).toBe("same");
    expect(compareStored(null, bytes("a"))).toBe("changed");
  });
});
