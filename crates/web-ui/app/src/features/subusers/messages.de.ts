import type { German } from "@/i18n";
import type { m } from "./messages";

export const subusers: German<typeof m> = {
  title: "Personen",
  note: "{count, plural, =0 {Niemand sonst} one {Eine weitere Person} other {# weitere Personen}}",
  invite: "Einladen",
  inviteTitle: "Jemanden einladen",
  inviteText:
    "Der Server erscheint für die Person sofort, mit den Berechtigungen, die Sie hier wählen. Wer auf diesem Panel noch kein Konto hat, bekommt eines.",
  email: "E-Mail-Adresse",
  emailHint: "Die des Kontos, wenn es eines gibt.",
  person: "Person",
  secondFactor: "Zweiter Faktor an",
  noSecondFactor: "Kein zweiter Faktor",
  permissions: "Berechtigungen",
  count: "{count, plural, =0 {Keine: sieht nur den Server} one {Eine Berechtigung} other {# Berechtigungen}}",
  since: "Seit",
  actionsOf: "Aktionen für {name}",
  edit: "Ändern",
  editTitle: "Was {name} darf",
  remove: "Entfernen",
  removeTitle: "{name} entfernen?",
  removeText:
    "Der Server verschwindet für diese Person sofort; offene Konsolen und SFTP-Verbindungen werden geschlossen.",
  keep: "Behalten",
  cancel: "Abbrechen",
  save: "Speichern",
  saved: "Berechtigungen geändert",
  invited: "{name} sieht diesen Server jetzt",
  removed: "{name} entfernt",
  hidden: "Verborgene Dateien",
  hiddenHint:
    "Muster wie in .gitignore, je Zeile eines, etwa geheim/ oder *.key. Sie sind auch über SFTP verborgen.",
  hiddenCount: "{count, plural, one {Ein verborgenes Muster} other {# verborgene Muster}}",
  needed: "Füllen Sie das aus.",
  yourself: "Ihre eigenen Berechtigungen können Sie nicht ändern.",
  loadFailed: "Die Personen dieses Servers konnten nicht geladen werden",
  emptyTitle: "Niemand sonst hat Zugang",
  emptyText: "Laden Sie Freunde oder Kollegen ein, und wählen Sie für jeden, was er sehen und tun darf.",
  search: "Nach Namen filtern",
};
