import { describe, expect, it } from "vitest";
import { isWorthOffering } from "./drafts";

describe("a draft", () => {
  const now = Date.parse("2026-11-20T12:00:00Z");
  const at = now - 60_000;

  it("is offered for three days, when it says something else", () => {
    expect(isWorthOffering({ text: "mine", at }, "stored", now)).toBe(true);
    expect(isWorthOffering({ text: "stored", at }, "stored", now)).toBe(false);
    expect(isWorthOffering({ text: "mine", at: now - 4 * 86_400_000 }, "stored", now)).toBe(false);
    expect(isWorthOffering(undefined, "stored", now)).toBe(false);
  });
});
