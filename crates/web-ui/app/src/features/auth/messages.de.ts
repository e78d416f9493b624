import type { German } from "@/i18n";
import type { m } from "./messages";

export const auth: German<typeof m> = {
  title: "Anmelden",
  to: "bei {name}, dem Zuhause der Spielserver.",
  user: "Benutzername oder E-Mail",
  password: "Passwort",
  submit: "Anmelden",
  forgotten: "Passwort vergessen? Der Betreiber dieses Panels kann ein neues setzen.",
  userNeeded: "Benutzername oder E-Mail eingeben.",
  passwordNeeded: "Passwort eingeben.",
  wrong: "Benutzername oder Passwort stimmt nicht.",
  limited: "Zu viele Versuche. Nächster Versuch in {seconds} s.",
  codeTitle: "Noch ein Schritt",
  codeText: "Geben Sie die sechs Ziffern ein, die Ihre Authenticator-App zeigt.",
  recoveryText:
    "Geben Sie einen der Wiederherstellungscodes ein, die Sie aufbewahrt haben. Er ist damit verbraucht.",
  code: "Code",
  recoveryCode: "Wiederherstellungscode",
  useRecovery: "App verloren? Wiederherstellungscode benutzen",
  useApp: "Die Authenticator-App benutzen",
  back: "Zurück zum Passwort",
  codeNeeded: "Geben Sie den Code ein.",
  codeWrong: "Dieser Code ist falsch oder wurde schon benutzt.",
  codeOver: "Das hat zu lange gedauert. Melden Sie sich noch einmal mit dem Passwort an.",
  expired: "Die Sitzung ist beendet. Zum Fortfahren anmelden.",
};
