import type { German } from "@/i18n";
import type { m } from "./messages";

export const mounts: German<typeof m> = {
  title: "Einhängungen",
  note: "Eine Einhängung gilt ab dem nächsten Start des Servers.",
  name: "Name",
  target: "Im Server",
  access: "Zugriff",
  readOnly: "Nur lesen",
  writable: "Lesen und schreiben",
  state: "Zustand",
  attached: "Eingehängt",
  since: "seit {date}",
  notAttached: "Nicht eingehängt",
  attach: "Einhängen",
  detach: "Aushängen",
  attachName: "{name} einhängen",
  detachName: "{name} aushängen",
  didAttach: "{name} eingehängt",
  didDetach: "{name} ausgehängt",
  nextStart: "Es gilt ab dem nächsten Start des Servers.",
  attachFailed: "{name} wurde nicht eingehängt",
  detachFailed: "{name} wurde nicht ausgehängt",
  loadFailed: "Die Einhängungen konnten nicht geladen werden",
  emptyTitle: "Es wird nichts zum Einhängen angeboten",
  emptyText:
    "Der Betreiber kann diesem Server Ordner des Knotens anbieten, etwa Karten, die mehrere Server teilen. Zurzeit gibt es keine.",
};
