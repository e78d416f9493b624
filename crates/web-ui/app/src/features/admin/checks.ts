import * as v from "valibot";
import type { Translate } from "@/i18n";
import type { PortRanges } from "@/lib/ports";
import { MAX_PORTS } from "@/lib/ports";
import { m } from "./messages";

const GIB_IN_MIB = 1024;

/** GiB as typed into MiB as stored. */
export function toMib(gib: string): number {
  return Math.round(Number(gib.replace(",", ".")) * GIB_IN_MIB);
}

/** MiB as stored into GiB for a field. */
export function toGib(mib: number): string {
  return String(Math.round((mib / GIB_IN_MIB) * 100) / 100);
}

export const text = (t: Translate, max = 255) =>
  v.pipe(v.string(), v.trim(), v.nonEmpty(t(m.needed)), v.maxLength(max, t(m.tooLong, { max: String(max) })));

export const optionalText = (t: Translate, max = 255) =>
  v.pipe(v.string(), v.trim(), v.maxLength(max, t(m.tooLong, { max: String(max) })));

/** A number of zero or more, as typed. */
export const amount = (t: Translate) =>
  v.pipe(v.string(), v.trim(), v.nonEmpty(t(m.needed)), v.regex(/^\d+([.,]\d+)?$/, t(m.number)));

export const whole = (t: Translate) =>
  v.pipe(v.string(), v.trim(), v.nonEmpty(t(m.needed)), v.regex(/^\d+$/, t(m.number)));

export const portField = (t: Translate) =>
  v.pipe(
    v.string(),
    v.trim(),
    v.check((s) => /^\d+$/.test(s) && Number(s) >= 1 && Number(s) <= 65_535, t(m.port)),
  );

const isHttp = (s: string) => URL.canParse(s) && /^https?:\/\/[^/]/i.test(s);

export const httpUrl = (t: Translate) =>
  v.pipe(v.string(), v.trim(), v.nonEmpty(t(m.needed)), v.check(isHttp, t(m.nodeUrlBad)));

export const optionalHttpUrl = (t: Translate) =>
  v.pipe(
    v.string(),
    v.trim(),
    v.check((s) => s === "" || isHttp(s), t(m.nodeUrlBad)),
  );

export const email = (t: Translate) =>
  v.pipe(v.string(), v.trim(), v.nonEmpty(t(m.needed)), v.regex(/^[^\s@]+@[^\s@]+$/, t(m.emailBad)));

export const username = (t: Translate) =>
  v.pipe(v.string(), v.trim(), v.nonEmpty(t(m.needed)), v.regex(/^\w{3,15}$/, t(m.usernameBad)));

export const password = (t: Translate) =>
  v.pipe(v.string(), v.nonEmpty(t(m.needed)), v.minLength(8, t(m.passwordShort)));

export const ip = (t: Translate) => v.pipe(v.string(), v.trim(), v.nonEmpty(t(m.needed)), v.ip(t(m.ipBad)));

/** What is wrong with a list of ports, in words. */
export function portsText(t: Translate, problem: Extract<PortRanges, { ok: false }>): string {
  const { at } = problem;
  switch (problem.problem) {
    case "empty":
      return t(m.portsEmpty);
    case "syntax":
      return t(m.portsSyntax, { at });
    case "bounds":
      return t(m.portsBounds, { at });
    case "order":
      return t(m.portsOrder, { at });
    case "many":
      return t(m.portsMany, { max: MAX_PORTS });
  }
}
