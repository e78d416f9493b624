import { useQueryClient } from "@tanstack/react-query";
import * as v from "valibot";
import { useServer } from "@/features/server/context";
import { can } from "@/features/servers/state";
import { LOCALE, useT } from "@/i18n";
import { Button } from "@/ui/button";
import { InlineFailure } from "@/ui/failure";
import { SelectField, Switch, TextArea, TextField } from "@/ui/field";
import { useRecordForm } from "@/ui/record-form";
import { toast } from "@/ui/toasts";
import { m } from "./messages";
import { type Condition, changeSchedule, type Schedule, schedulesKey, type Trigger } from "./requests";
import { readTriggers, type Times, weekdays, writePattern } from "./times";

const MOST_HOURS = 23;
const MOST_MINUTES = 59;

const isList = (text: string) => {
  try {
    return Array.isArray(JSON.parse(text));
  } catch {
    return false;
  }
};
const isObject = (text: string) => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
};

/** How a condition is chosen. */
function choiceOf(condition: Condition): string {
  if (condition.type === "none") return "always";
  if (condition.type === "server_state" && condition.state === "running") return "running";
  if (condition.type === "server_state" && condition.state === "offline") return "offline";
  return "other";
}

/** The name of a schedule, when it runs, and what has to hold. */
export function WhenCard({ schedule }: { schedule: Schedule }) {
  const t = useT();
  const client = useQueryClient();
  const { server } = useServer();
  const may = can(server, "schedules.update");
  const times = readTriggers(schedule.triggers);
  const counted = (most: number) => (text: string) =>
    /^\d+$/.test(text) && Number(text) >= 1 && Number(text) <= most;
  const form = useRecordForm({
    initial: {
      name: schedule.name,
      enabled: schedule.enabled as boolean,
      repeat: times.repeat as string,
      time: "time" in times ? times.time : "04:00",
      day: "day" in times ? times.day : "1",
      hours: times.repeat === "hourly" ? String(times.every) : "6",
      minutes: times.repeat === "minutely" ? String(times.every) : "15",
      pattern: writePattern(times) ?? "0 4 * * *",
      triggers: JSON.stringify(schedule.triggers, null, 2),
      condition: choiceOf(schedule.condition),
      condition_json: JSON.stringify(schedule.condition, null, 2),
    },
    checks: {
      name: v.pipe(v.string(), v.trim(), v.nonEmpty(t(m.needed)), v.maxLength(255)),
      enabled: v.boolean(),
      repeat: v.string(),
      time: v.pipe(v.string(), v.nonEmpty(t(m.needed))),
      day: v.string(),
      hours: v.pipe(v.string(), v.check(counted(MOST_HOURS), t(m.everyWrong, { most: MOST_HOURS }))),
      minutes: v.pipe(v.string(), v.check(counted(MOST_MINUTES), t(m.everyWrong, { most: MOST_MINUTES }))),
      pattern: v.pipe(v.string(), v.trim(), v.nonEmpty(t(m.needed))),
      triggers: v.pipe(v.string(), v.check(isList, t(m.listWrong))),
      condition: v.string(),
      condition_json: v.pipe(v.string(), v.check(isObject, t(m.jsonWrong))),
    },
    send: (values) =>
      changeSchedule(server.uuid, schedule.uuid, {
        name: values.name.trim(),
        enabled: values.enabled,
        triggers: triggersOf(values),
        condition: conditionOf(values),
      }),
    done: async () => {
      toast(t(m.saved));
      await client.invalidateQueries({ queryKey: schedulesKey(server.uuid) });
    },
  });
  const { repeat, condition } = form.values;
  const pattern = repeat === "events" || repeat === "hand" ? null : writePattern(timesOf(form.values));
  return (
    <section className="card">
      <div className="hd">
        <h2>{t(m.settings)}</h2>
      </div>
      <form className="bd stack" onSubmit={form.onSubmit} noValidate>
        {form.failure ? <InlineFailure error={form.failure} /> : null}
        <TextField label={t(m.name)} autoComplete="off" {...form.field("name")} />
        <Switch label={t(m.enabled)} {...form.toggle("enabled")} />
        <SelectField label={t(m.repeat)} {...form.field("repeat")}>
          <option value="hand">{t(m.byHand)}</option>
          <option value="daily">{t(m.daily)}</option>
          <option value="weekly">{t(m.weekly)}</option>
          <option value="hourly">{t(m.hourly)}</option>
          <option value="minutely">{t(m.minutely)}</option>
          <option value="pattern">{t(m.custom)}</option>
          <option value="events">{t(m.events)}</option>
        </SelectField>
        {repeat === "weekly" ? (
          <SelectField label={t(m.day)} {...form.field("day")}>
            {weekdays(LOCALE).map((name, i) => (
              <option key={name} value={String(i)}>
                {name}
              </option>
            ))}
          </SelectField>
        ) : null}
        {repeat === "daily" || repeat === "weekly" ? (
          <TextField label={t(m.at)} type="time" {...form.field("time")} />
        ) : null}
        {repeat === "hourly" ? (
          <TextField label={t(m.every)} unit={t(m.hours)} inputMode="numeric" {...form.field("hours")} />
        ) : null}
        {repeat === "minutely" ? (
          <TextField label={t(m.every)} unit={t(m.minutes)} inputMode="numeric" {...form.field("minutes")} />
        ) : null}
        {repeat === "pattern" ? (
          <TextField
            label={t(m.pattern)}
            hint={t(m.patternHint)}
            mono
            autoComplete="off"
            spellCheck={false}
            {...form.field("pattern")}
          />
        ) : null}
        {repeat === "events" ? (
          <TextArea
            label={t(m.triggers)}
            hint={t(m.triggersHint)}
            mono
            rows={8}
            spellCheck={false}
            {...form.field("triggers")}
          />
        ) : null}
        {pattern && repeat !== "pattern" ? (
          <p className="sm t3">
            {server.timezone ?? "UTC"} · <span className="mono">{pattern}</span>
          </p>
        ) : null}
        <SelectField label={t(m.condition)} {...form.field("condition")}>
          <option value="always">{t(m.always)}</option>
          <option value="running">{t(m.whenRunning)}</option>
          <option value="offline">{t(m.whenOffline)}</option>
          <option value="other">{t(m.whenOther)}</option>
        </SelectField>
        {condition === "other" ? (
          <TextArea
            label={t(m.conditionJson)}
            hint={t(m.conditionHint)}
            mono
            rows={6}
            spellCheck={false}
            {...form.field("condition_json")}
          />
        ) : null}
        {may ? (
          <div className="row dialog-foot">
            <Button type="submit" look="primary" busy={form.busy}>
              {t(m.save)}
            </Button>
          </div>
        ) : null}
      </form>
    </section>
  );
}

interface Chosen {
  repeat: string;
  time: string;
  day: string;
  hours: string;
  minutes: string;
  pattern: string;
  triggers: string;
  condition: string;
  condition_json: string;
}

function timesOf(chosen: Chosen): Times {
  const repeat = chosen.repeat as Times["repeat"];
  switch (repeat) {
    case "daily":
      return { repeat, time: chosen.time };
    case "weekly":
      return { repeat, time: chosen.time, day: chosen.day };
    case "hourly":
      return { repeat, every: Number(chosen.hours) };
    case "minutely":
      return { repeat, every: Number(chosen.minutes) };
    case "pattern":
      return { repeat, pattern: chosen.pattern };
    default:
      return { repeat };
  }
}

/** What starts the schedule. What a trigger may be is the server's to say. */
function triggersOf(chosen: Chosen): Trigger[] {
  if (chosen.repeat === "events") return JSON.parse(chosen.triggers) as Trigger[];
  const pattern = writePattern(timesOf(chosen));
  return pattern === null ? [] : [{ type: "cron", schedule: pattern }];
}

function conditionOf(chosen: Chosen): Condition {
  switch (chosen.condition) {
    case "running":
    case "offline":
      return { type: "server_state", state: chosen.condition };
    case "other":
      return JSON.parse(chosen.condition_json) as Condition;
    default:
      return { type: "none" };
  }
}
