import type { Translate } from "@/i18n";
import { m } from "./messages";
import type { Action } from "./requests";

/** The kinds of steps that have a form of their own. */
export type Kind = "send_command" | "send_power" | "create_backup" | "sleep" | "wait_for_state" | "other";

export const kinds: Kind[] = [
  "send_command",
  "send_power",
  "create_backup",
  "sleep",
  "wait_for_state",
  "other",
];

const names = {
  send_command: m.sendCommand,
  send_power: m.sendPower,
  create_backup: m.createBackup,
  sleep: m.sleep,
  wait_for_state: m.waitForState,
  other: m.other,
} as const;

export const kindName = (t: Translate, kind: Kind) => t(names[kind]);

/** Which form shows a step whole; what a form would lose is shown as JSON. */
export function kindOf(action: Action): Kind {
  switch (action.type) {
    case "send_command":
      return typeof action.command === "string" ? "send_command" : "other";
    case "create_backup": {
      const plain = action.name == null || typeof action.name === "string";
      return plain && action.ignored_files.length === 0 && !action.output_into ? "create_backup" : "other";
    }
    case "sleep":
      return action.duration % 1_000 === 0 ? "sleep" : "other";
    case "wait_for_state":
      return action.timeout % 1_000 === 0 ? "wait_for_state" : "other";
    case "send_power":
      return "send_power";
    default:
      return "other";
  }
}

/** What a step is called; one without a form by the name that the API has for it. */
export function nameOf(t: Translate, action: Action): string {
  return action.type in names ? t(names[action.type as Kind]) : action.type.replaceAll("_", " ");
}

const plain = (value: unknown): string | null =>
  typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? String(value) : null;

/** What a step does, in a few words. */
export function detailOf(t: Translate, action: Action): string {
  switch (action.type) {
    case "send_command":
      return typeof action.command === "string" ? action.command : `{{${action.command.variable}}}`;
    case "send_power":
      return action.action;
    case "create_backup":
      return typeof action.name === "string" ? action.name : "";
    case "sleep":
      return t(m.everySeconds, { count: action.duration / 1_000 });
    case "wait_for_state":
      return action.state;
    default:
      return Object.entries(action)
        .filter(([key]) => key !== "type" && key !== "ignore_failure")
        .flatMap(([key, value]) => {
          const text = plain(value);
          return text === null || text === "" ? [] : [`${key.replaceAll("_", " ")} ${text}`];
        })
        .join(", ");
  }
}
