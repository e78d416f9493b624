import type { German } from "@/i18n";
import type { m } from "./messages";

export const variables: German<typeof m> = {
  required: "Ein Wert wird gebraucht.",
  integer: "Eine ganze Zahl eingeben.",
  numeric: "Eine Zahl eingeben.",
  boolean: "An oder aus wählen.",
  pattern: "Der Wert hat nicht die Form, die das Ei verlangt.",
  alphaDash: "Nur Buchstaben, Ziffern, - und _.",
  alphaNum: "Nur Buchstaben und Ziffern.",
  url: "Eine ganze Adresse eingeben, etwa https://example.net.",
  digits: "Nur Ziffern, in der richtigen Anzahl.",
  oneOf: "Eines davon wählen: {options}.",
  min: "Mindestens {bound}.",
  max: "Höchstens {bound}.",
  size: "Genau {bound}.",
  minText: "Mindestens {bound} Zeichen.",
  maxText: "Höchstens {bound} Zeichen.",
  sizeText: "Genau {bound} Zeichen.",
  between: "Von {low} bis {high}.",
  betweenText: "Von {low} bis {high} Zeichen.",
  notInList: "Nicht in der Liste: {value}",
  fixed: "Vom Betreiber gesetzt, der es ändern kann.",
  fixedShort: "Nur lesen",
};
