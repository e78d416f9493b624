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

/** The language that texts and numbers follow. English is the only one shipped so far. */
export const LOCALE = "en";

/** For text that is made outside of React (titles, terminal rules, toasts of background work). */
export const intl = createIntl({ locale: LOCALE, onError: ignoreMissing }, createIntlCache());

/** English lives in the code, so a missing translation of English is no error. */
export function ignoreMissing(error: { code: string }): void {
  if (error.code !== "MISSING_TRANSLATION") console.error(error);
}
