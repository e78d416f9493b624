import { describe, expect, it } from "vitest";
import { count, isBusy, isUsable, patterns, rightsOf } from "./states";

describe("states of backups", () => {
  it("knows what goes on", () => {
    expect(isBusy({ state: "creating" })).toBe(true);
    expect(isBusy({ state: "verifying", deletion_status: null })).toBe(true);
    expect(isBusy({ state: "successful", deletion_status: null })).toBe(false);
    expect(isBusy({ state: "successful", deletion_status: "failed" })).toBe(false);
  });

  it("uses only what is whole", () => {
    expect(isUsable({ state: "successful" })).toBe(true);
    expect(isUsable({ state: "failed" })).toBe(false);
  });
});

describe("what is typed", () => {
  it("reads patterns by line", () => expect(patterns(" *.log \n\n/cache\n")).toEqual(["*.log", "/cache"]));

  it("reads counts that may be left out", () => {
    expect(count(" ", 10)).toBeNull();
    expect(count("7", 10)).toBe(7);
    expect(count("0", 10)).toBeUndefined();
    expect(count("11", 10)).toBeUndefined();
    expect(count("1.5", 10)).toBeUndefined();
  });
});

describe("rights", () => {
  it("come from permissions", () => {
    expect(rightsOf({ permissions: ["backups.read", "backups.create"] })).toMatchObject({
      create: true,
      delete: false,
      startup: false,
    });
    expect(rightsOf({ permissions: ["startup.*", "backups.*"] })).toMatchObject({
      restore: true,
      startup: true,
    });
  });
});
