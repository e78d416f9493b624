import { useQuery } from "@tanstack/react-query";
import * as v from "valibot";
import { groupsQuery } from "@/features/backups/requests";
import { useServer } from "@/features/server/context";
import { can } from "@/features/servers/state";
import { useT } from "@/i18n";
import { Button } from "@/ui/button";
import { SelectField, Switch, TextArea, TextField } from "@/ui/field";
import { RecordFrame, useRecordForm } from "@/ui/record-form";
import { stateNames } from "@/ui/state-mark";
import { type Kind, kindName, kindOf, kinds } from "./kinds";
import { m } from "./messages";
import { type Action, addStep, changeStep, type Step } from "./requests";

const DAY = 86_400;
const states = ["running", "offline", "starting", "stopping"] as const;

interface Props {
  schedule: string;
  known: Step | null;
  /** Where a new step goes. */
  order: number;
  onCancel: () => void;
  onDone: () => Promise<void>;
}

const isObject = (text: string) => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
};

const example: Action = { type: "delete_files", ignore_failure: true, root: "/", files: ["old.log"] };

/** One step: the common kinds by fields, every other one as JSON. */
export function StepForm({ schedule, known, order, onCancel, onDone }: Props) {
  const t = useT();
  const { server } = useServer();
  const action = known?.action;
  const kind: Kind = action ? kindOf(action) : "send_command";
  const groups = useQuery({ ...groupsQuery(server.uuid), enabled: can(server, "backup-groups.read") });
  const form = useRecordForm({
    initial: {
      kind: kind as string,
      command: action?.type === "send_command" && typeof action.command === "string" ? action.command : "",
      power: action?.type === "send_power" ? action.action : "restart",
      name: action?.type === "create_backup" && typeof action.name === "string" ? action.name : "",
      group: (action?.type === "create_backup" && action.backup_group_uuid) || "",
      foreground: (action?.type === "create_backup" ? action.foreground : true) as boolean,
      seconds: String(
        action?.type === "sleep"
          ? action.duration / 1_000
          : action?.type === "wait_for_state"
            ? action.timeout / 1_000
            : 60,
      ),
      state: action?.type === "wait_for_state" ? action.state : "offline",
      go_on: (action && "ignore_failure" in action ? (action.ignore_failure ?? false) : false) as boolean,
      json: JSON.stringify(action ?? example, null, 2),
    },
    checks: {
      kind: v.string(),
      command: v.string(),
      power: v.string(),
      name: v.pipe(v.string(), v.maxLength(255)),
      group: v.string(),
      foreground: v.boolean(),
      seconds: v.pipe(
        v.string(),
        v.check((text) => /^\d+$/.test(text) && Number(text) >= 1 && Number(text) <= DAY, t(m.secondsWrong)),
      ),
      state: v.string(),
      go_on: v.boolean(),
      json: v.pipe(v.string(), v.check(isObject, t(m.jsonWrong))),
    },
    send: async (values): Promise<void> => {
      const next = actionOf(values);
      if (known) await changeStep(server.uuid, schedule, known.uuid, next);
      else await addStep(server.uuid, schedule, next, order);
    },
    done: onDone,
  });
  const chosen = form.values.kind as Kind;
  return (
    <RecordFrame
      form={form}
      submit={t(known ? m.save : m.addStep)}
      back={<Button onClick={onCancel}>{t(m.cancel)}</Button>}
    >
      <SelectField label={t(m.kind)} {...form.field("kind")}>
        {kinds.map((k) => (
          <option key={k} value={k}>
            {kindName(t, k)}
          </option>
        ))}
      </SelectField>
      {chosen === "send_command" ? (
        <TextField
          label={t(m.command)}
          mono
          autoComplete="off"
          spellCheck={false}
          {...form.field("command")}
        />
      ) : null}
      {chosen === "send_power" ? (
        <SelectField label={t(m.powerAction)} {...form.field("power")}>
          <option value="start">{t(m.start)}</option>
          <option value="stop">{t(m.stopServer)}</option>
          <option value="restart">{t(m.restart)}</option>
          <option value="kill">{t(m.kill)}</option>
        </SelectField>
      ) : null}
      {chosen === "create_backup" ? (
        <>
          <TextField
            label={t(m.backupName)}
            hint={t(m.backupNameHint)}
            optional
            autoComplete="off"
            {...form.field("name")}
          />
          {groups.data && groups.data.length > 0 ? (
            <SelectField label={t(m.group)} {...form.field("group")}>
              <option value="">{t(m.noGroup)}</option>
              {groups.data.map((g) => (
                <option key={g.uuid} value={g.uuid}>
                  {g.name}
                </option>
              ))}
            </SelectField>
          ) : null}
          <Switch label={t(m.foreground)} {...form.toggle("foreground")} />
        </>
      ) : null}
      {chosen === "wait_for_state" ? (
        <SelectField label={t(m.state)} {...form.field("state")}>
          {states.map((s) => (
            <option key={s} value={s}>
              {t(stateNames[s])}
            </option>
          ))}
        </SelectField>
      ) : null}
      {chosen === "sleep" || chosen === "wait_for_state" ? (
        <TextField
          label={t(chosen === "sleep" ? m.sleep : m.atMost)}
          unit={t(m.seconds)}
          inputMode="numeric"
          {...form.field("seconds")}
        />
      ) : null}
      {chosen === "other" ? (
        <TextArea
          label={t(m.json)}
          hint={t(m.jsonHint)}
          mono
          rows={12}
          spellCheck={false}
          {...form.field("json")}
        />
      ) : chosen === "sleep" ? null : (
        <Switch label={t(m.goOn)} {...form.toggle("go_on")} />
      )}
    </RecordFrame>
  );
}

interface Chosen {
  kind: string;
  command: string;
  power: string;
  name: string;
  group: string;
  foreground: boolean;
  seconds: string;
  state: string;
  go_on: boolean;
  json: string;
}

/** The step that was chosen. What it may be is the server's to say. */
function actionOf(chosen: Chosen): Action {
  const ignore_failure = chosen.go_on;
  const milliseconds = Number(chosen.seconds) * 1_000;
  switch (chosen.kind as Kind) {
    case "send_command":
      return { type: "send_command", ignore_failure, command: chosen.command };
    case "send_power":
      return { type: "send_power", ignore_failure, action: chosen.power };
    case "create_backup":
      return {
        type: "create_backup",
        ignore_failure,
        foreground: chosen.foreground,
        name: chosen.name.trim() || null,
        backup_group_uuid: chosen.group || null,
        ignored_files: [],
      };
    case "sleep":
      return { type: "sleep", duration: milliseconds };
    case "wait_for_state":
      return { type: "wait_for_state", ignore_failure, state: chosen.state, timeout: milliseconds };
    case "other":
      return JSON.parse(chosen.json) as Action;
  }
}
