import { describe, expect, it } from "vitest";
import {
  address,
  against,
  ago,
  bytes,
  clock,
  initials,
  limit,
  mib,
  percent,
  shortBytes,
  span,
} from "./format";

describe("numbers", () => {
  it("uses binary units with a space", () => {
    expect(bytes(0)).toBe("0 B");
    expect(bytes(mib(8192))).toBe("8 GiB");
    expect(bytes(5.1 * 1024 ** 3)).toBe("5.1 GiB");
    expect(bytes(1500)).toBe("1.5 KiB");
    expect(shortBytes(mib(512))).toBe("512 M");
    expect(shortBytes(53)).toBe("53 B");
    expect(shortBytes(0)).toBe("0");
    expect(limit(0, "unlimited")).toBe("unlimited");
    expect(percent(4.26)).toBe("4.3 %");
    expect(percent(76.4)).toBe("76 %");
  });

  it("leaves out the unit that the limit beside it has", () => {
    expect(against(5.1 * 1024 ** 3, 8192)).toBe("5.1");
    expect(against(mib(936), 2048)).toBe("0.91");
    expect(against(mib(936), 2000)).toBe("0.91");
    expect(against(mib(900), 512)).toBe("900");
    expect(against(0, 2048)).toBe("0");
    expect(against(53, 10_240)).toBe("53 B");
    expect(against(mib(936), 0)).toBe("936 MiB");
  });
});

describe("time", () => {
  it("shows the two largest units", () => {
    expect(span(41)).toBe("0:41");
    expect(span(33_120)).toBe("9 h 12 m");
    expect(span(187_200)).toBe("2 d 4 h");
  });

  it("is relative up to a day", () => {
    const now = new Date(2026, 10, 22, 12, 0, 0);
    expect(ago(new Date(now.getTime() - 6_000), now)).toBe("6 sec. ago");
    expect(ago(new Date(2026, 10, 18), now)).toBe("18 Nov 2026");
    expect(clock(new Date(2026, 0, 1, 4, 5, 6).getTime())).toBe("04:05:06");
  });
});

describe("names", () => {
  it("brackets IPv6 and prefers the alias", () => {
    expect(address({ ip: "::1", port: 80 })).toBe("[::1]:80");
    expect(address({ ip: "203.0.113.9", ip_alias: "play.example.net", port: 25565 })).toBe(
      "play.example.net:25565",
    );
    expect(initials("mara", "keller")).toBe("MK");
    expect(initials("mara", "")).toBe("M");
  });
});
