import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useId, useMemo, useState } from "react";
import { asFailure } from "@/api/error";
import type { Server } from "@/api/queries";
import { useServer } from "@/features/server/context";
import { isChangeable, useServerPatch } from "@/features/server/page";
import { can } from "@/features/servers/state";
import { LOCALE, type Message, useT } from "@/i18n";
import { Button } from "@/ui/button";
import { Combo } from "@/ui/combo";
import { Switch, TextField } from "@/ui/field";
import { toast, toastFailure } from "@/ui/toasts";
import { m } from "./messages";
import { type AutoStart, saveAutoKill, saveAutoStart, saveTimezone } from "./requests";
import { timeIn, timezones } from "./zones";

/** When a server starts and stops by itself, and what time it is for it. Each is saved as soon as it is chosen. */
export function Running() {
  const t = useT();
  const { server } = useServer();
  const parts = [
    can(server, "settings.auto-start") ? <AutoStartChoice key="start" /> : null,
    can(server, "settings.auto-kill") ? <AutoKillChoice key={`kill-${server.uuid}`} /> : null,
    can(server, "settings.timezone") ? <Timezone key="zone" /> : null,
  ].filter((part) => part !== null);
  if (parts.length === 0) return can(server, "settings.rename") ? null : <p className="t3">{t(m.nothing)}</p>;
  return (
    <section className="card">
      <div className="hd">
        <h2>{t(m.running)}</h2>
      </div>
      <div className="bd stack g24">{parts}</div>
    </section>
  );
}

/** Sends one setting: shown at once, taken back when the panel refuses it. */
function useSetting<V>(
  send: (value: V) => Promise<unknown>,
  shown: (value: V) => Partial<Server>,
  words: { done: Message; failed: Message },
) {
  const t = useT();
  const client = useQueryClient();
  const patch = useServerPatch();
  return useMutation({
    mutationFn: send,
    onMutate: async (value: V) => {
      await client.cancelQueries({ queryKey: ["servers", "one"] });
      return patch(shown(value));
    },
    onSuccess: () => toast(t(words.done)),
    onError: (error, _, undo) => {
      undo?.();
      toastFailure(t(words.failed), asFailure(error));
    },
    onSettled: () => client.invalidateQueries({ queryKey: ["servers", "one"] }),
  });
}

const behaviours: [AutoStart, Message, Message][] = [
  ["always", m.autoStartAlways, m.autoStartAlwaysHint],
  ["unless_stopped", m.autoStartUnless, m.autoStartUnlessHint],
  ["never", m.autoStartNever, m.autoStartNeverHint],
];

function AutoStartChoice() {
  const t = useT();
  const group = useId();
  const { server, state } = useServer();
  const save = useSetting(
    (behavior: AutoStart) => saveAutoStart(server.uuid, behavior),
    (auto_start_behavior) => ({ auto_start_behavior }),
    { done: m.autoStartSaved, failed: m.autoStartFailed },
  );
  return (
    <fieldset className="choice-set" disabled={!isChangeable(state)}>
      <legend className="lbl">{t(m.autoStart)}</legend>
      <div className="cols3 options">
        {behaviours.map(([value, label, hint]) => (
          <label key={value} className="opt">
            <input
              type="radio"
              name={group}
              checked={server.auto_start_behavior === value}
              onChange={() => save.mutate(value)}
            />
            <span className="rad" aria-hidden="true" />
            <span>
              <span className="b">{t(label)}</span>
              <span className="hint block">{t(hint)}</span>
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

const SECONDS = { least: 1, most: 3_600 };

function AutoKillChoice() {
  const t = useT();
  const { server, state } = useServer();
  const { enabled, seconds } = server.auto_kill;
  const [typed, setTyped] = useState(String(seconds));
  const save = useSetting(
    (value: { enabled: boolean; seconds: number }) => saveAutoKill(server.uuid, value.enabled, value.seconds),
    (auto_kill) => ({ auto_kill }),
    { done: m.autoKillSaved, failed: m.autoKillFailed },
  );
  const number = /^\d{1,5}$/.test(typed.trim()) ? Number(typed) : Number.NaN;
  const right = number >= SECONDS.least && number <= SECONDS.most;
  const open = isChangeable(state);
  return (
    <div className="stack g12">
      <Switch
        label={t(m.autoKill)}
        hint={t(m.autoKillHint)}
        disabled={!open}
        checked={enabled}
        onChange={(event) =>
          save.mutate({ enabled: event.currentTarget.checked, seconds: right ? number : seconds })
        }
      />
      {enabled ? (
        <form
          className="row g12 seconds"
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            if (right && number !== seconds) save.mutate({ enabled, seconds: number });
          }}
        >
          <TextField
            label={t(m.seconds)}
            unit={t(m.secondsUnit)}
            inputMode="numeric"
            autoComplete="off"
            disabled={!open}
            error={right ? undefined : t(m.secondsBad)}
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
          {right && number !== seconds ? (
            <Button type="submit" busy={save.isPending}>
              {t(m.save)}
            </Button>
          ) : null}
        </form>
      ) : null}
    </div>
  );
}

/** Stands for "none of its own" in the list; no time zone is called so. */
const NODE = "node";

function Timezone() {
  const t = useT();
  const { server, state } = useServer();
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    const timer = window.setInterval(() => setNow(new Date()), 10_000);
    return () => window.clearInterval(timer);
  }, []);
  const save = useSetting(
    (zone: string) => saveTimezone(server.uuid, zone === NODE ? null : zone),
    (zone) => ({ timezone: zone === NODE ? null : zone }),
    { done: m.timezoneSaved, failed: m.timezoneFailed },
  );
  const zone = server.timezone ?? null;
  const zones = useMemo(() => timezones(zone), [zone]);
  const time = zone ? timeIn(zone, now, LOCALE) : "";
  return (
    <fieldset className="choice-set" disabled={!isChangeable(state)}>
      <Combo
        label={t(m.timezone)}
        hint={zone ? (time ? t(m.timezoneHint, { time }) : undefined) : t(m.timezoneHintNode)}
        placeholder={t(m.timezoneFind)}
        empty={t(m.timezoneNone)}
        options={[
          { value: NODE, label: t(m.timezoneNode) },
          ...zones.map((name) => ({ value: name, label: name.replaceAll("_", " ") })),
        ]}
        value={zone ?? NODE}
        onChange={(next) => {
          if (next !== "" && next !== (zone ?? NODE)) save.mutate(next);
        }}
      />
    </fieldset>
  );
}
