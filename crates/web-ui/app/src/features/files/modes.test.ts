import { describe, expect, it } from "vitest";
import { bitOf, isMode, symbolic, withBit } from "./modes";

describe("modes", () => {
  it("are three or four octal digits", () => {
    expect(["644", "0755", "2777"].every(isMode)).toBe(true);
    expect(["", "64", "888", "rwx", "07777"].some(isMode)).toBe(false);
  });

  it("are read and changed bit by bit", () => {
    expect(bitOf("644", 0, 1)).toBe(true);
    expect(bitOf("644", 2, 1)).toBe(false);
    expect(withBit("644", 0, 2, true)).toBe("744");
    expect(withBit("2755", 2, 0, false)).toBe("2751");
    expect(symbolic("754", "-")).toBe("-rwxr-xr--");
  });
});
