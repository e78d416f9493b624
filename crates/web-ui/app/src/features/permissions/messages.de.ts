import type { German } from "@/i18n";
import type { m } from "./messages";

export const permissions: German<typeof m> = {
  all: "Alles aus dieser Gruppe",
  count: "{chosen} von {total}",
  lacking: "Sie haben diese Berechtigung selbst nicht.",
  loadFailed: "Die Berechtigungen konnten nicht geladen werden",
  everything: "Alle wählen",
  nothing: "Keine wählen",
};
