import type { German } from "@/i18n";
import type { m } from "./messages";

export const server: German<typeof m> = {
  network: "Netzwerk",
  startup: "Start",
  mounts: "Einhängungen",
  schedules: "Zeitpläne",
  backups: "Sicherungen",
  people: "Personen",
  activity: "Aktivität",
  settings: "Einstellungen",
  pageTitle: "{page} · {name}",
  thisServer: "Dieser Server",
  lineLost: "Keine Verbindung zum Server.",
  lineLostText: "Was zu sehen ist, kann alt sein. Nächster Versuch in {seconds} s.",
  tryNow: "Jetzt versuchen",
  switchFind: "Server finden",
  switchNothing: "Kein anderer Server passt.",
  switchLoading: "Die Server werden geladen",
  switchFailed: "Die Server konnten nicht geladen werden.",
  denied: "Diese Seite ist nicht freigegeben",
  deniedText: "Sie braucht das Recht {permission}. Der Eigentümer des Servers kann es vergeben.",
  toConsole: "Zur Konsole",
  readOnly: "Hier kann man alles sehen, aber nichts ändern.",
  locked: "In diesem Zustand des Servers kann nichts geändert werden.",
};
