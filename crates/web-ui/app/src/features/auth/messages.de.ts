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
  twoFactor:
    "Dieses Konto braucht einen zweiten Faktor, nach dem diese Seite noch nicht fragen kann. Der Betreiber kann helfen.",
  expired: "Die Sitzung ist beendet. Zum Fortfahren anmelden.",
};
