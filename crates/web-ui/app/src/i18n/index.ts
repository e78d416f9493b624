import { useSyncExternalStore } from "react";
import { createIntl, createIntlCache, type MessageDescriptor, useIntl } from "react-intl";

/** One message: its id for translators and its English text (ICU message syntax). */
export interface Message extends MessageDescriptor {
  id: string;
  defaultMessage: string;
}

/** Declares the English messages of one area. Their ids are `area.key`; other languages are looked up by id. */
export function messages<const T extends Record<string, string>>(
  area: string,
  texts: T,
): { [Key in keyof T]: Message } {
  const out: Record<string, Message> = {};
  for (const [key, text] of Object.entries(texts)) out[key] = { id: `${area}.${key}`, defaultMessage: text };
  return out as { [Key in keyof T]: Message };
}

export type Values = Record<string, string | number | boolean | Date | null | undefined>;
export type Translate = (message: Message, values?: Values) => string;

/** The translate function of the current language. */
export function useT(): Translate {
  const intl = useIntl();
  return (message, values) => intl.formatMessage(message, values);
}

/** The German texts of one area, all of them. */
export type German<Area> = { [Key in keyof Area]: string };

/** The language that texts and numbers follow. */
export let LOCALE = "en";

/** For text that is made outside of React (titles, terminal rules, toasts of background work). */
export let intl = make({});

const listeners = new Set<() => void>();
let wanted = LOCALE;

function make(texts: Record<string, string>) {
  return createIntl({ locale: LOCALE, messages: texts, onError: ignoreMissing }, createIntlCache());
}

/** The texts of a language; those that it has not stay English. */
async function textsOf(language: string): Promise<Record<string, string>> {
  return language === "de" ? (await import("./german")).german : {};
}

/** Speaks another language from now on. Languages that are not known are English. */
export async function speak(language: string): Promise<void> {
  const next = language === "de" ? "de" : "en";
  if (next === wanted) return;
  wanted = next;
  const texts = await textsOf(next);
  // Another choice may have come while the texts were on their way.
  if (next !== wanted) return;
  LOCALE = next;
  intl = make(texts);
  document.documentElement.lang = next;
  for (const listener of listeners) listener();
}

/** What the page speaks, as it changes. */
export function useLanguage(): typeof intl {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => intl,
  );
}

/** English lives in the code, so a missing translation is no error. */
export function ignoreMissing(error: { code: string }): void {
  if (error.code !== "MISSING_TRANSLATION") console.error(error);
}
