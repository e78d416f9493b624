import { IconPlus, IconUpload } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useRef, useState } from "react";
import * as v from "valibot";
import { ApiFailure, asFailure } from "@/api/error";
import { useServer } from "@/features/server/context";
import { ServerPageBody } from "@/features/server/page";
import { can } from "@/features/servers/state";
import { LOCALE, type Translate, useT } from "@/i18n";
import { ago, dateTime } from "@/lib/format";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { EmptyWire } from "@/ui/feedback";
import { TextField } from "@/ui/field";
import { ListTable } from "@/ui/list-table";
import { RecordFrame, useRecordForm } from "@/ui/record-form";
import { StateMark } from "@/ui/state-mark";
import { toast, toastFailure } from "@/ui/toasts";
import { m } from "./messages";
import {
  createSchedule,
  type Exported,
  importSchedule,
  type Schedule,
  schedulesKey,
  schedulesQuery,
} from "./requests";
import { readTriggers, weekdays, writePattern } from "./times";

/** When a schedule runs, as a sentence. */
export function whenOf(t: Translate, schedule: Pick<Schedule, "triggers">): string {
  const times = readTriggers(schedule.triggers);
  switch (times.repeat) {
    case "hand":
      return t(m.byHand);
    case "daily":
      return t(m.saidDaily, { time: times.time });
    case "weekly":
      return t(m.saidWeekly, { day: weekdays(LOCALE)[Number(times.day)], time: times.time });
    case "hourly":
      return t(m.saidHours, { count: times.every });
    case "minutely":
      return t(m.saidMinutes, { count: times.every });
    case "pattern":
      return t(m.saidPattern, { pattern: writePattern(times) });
    case "events":
      return t(m.saidEvents, { count: schedule.triggers.length });
  }
}

/** What a server does by itself. */
export default function SchedulesPage() {
  const t = useT();
  const client = useQueryClient();
  const navigate = useNavigate({ from: "/server/$server/schedules" });
  const { page = 1, search = "" } = useSearch({ from: "/signed-in/server/$server/schedules" });
  const { server } = useServer();
  const [open, setOpen] = useState(false);
  const file = useRef<HTMLInputElement>(null);
  const list = useQuery({
    ...schedulesQuery(server.uuid, page, search),
    enabled: can(server, "schedules.read"),
  });
  const enter = async (made: Schedule) => {
    await client.invalidateQueries({ queryKey: schedulesKey(server.uuid) });
    await navigate({
      to: "/server/$server/schedules/$schedule",
      params: { server: server.uuid_short, schedule: made.uuid },
    });
  };
  const take = useMutation({
    mutationFn: async (chosen: File) => {
      let document: unknown;
      try {
        document = JSON.parse(await chosen.text());
      } catch {
        throw new ApiFailure({ status: 400, errors: [t(m.importFailed)] });
      }
      return importSchedule(server.uuid, { ...(document as Exported), enabled: false });
    },
    onSuccess: async (made) => {
      toast(t(m.imported, { name: made.name }));
      await enter(made);
    },
    onError: (error) => toastFailure(t(m.importFailed), asFailure(error)),
  });
  const create = can(server, "schedules.create") ? (
    <>
      <Button icon={IconUpload} busy={take.isPending} onClick={() => file.current?.click()}>
        {t(m.import)}
      </Button>
      <Button look="primary" icon={IconPlus} onClick={() => setOpen(true)}>
        {t(m.create)}
      </Button>
    </>
  ) : null;
  return (
    <ServerPageBody title={m.title} needs="schedules.read" actions={create}>
      <p className="sm t2">{t(m.text)}</p>
      <input
        ref={file}
        type="file"
        hidden
        accept="application/json,.json"
        aria-label={t(m.import)}
        onChange={(event) => {
          const chosen = event.currentTarget.files?.[0];
          event.currentTarget.value = "";
          if (chosen) take.mutate(chosen);
        }}
      />
      <ListTable
        caption={t(m.title)}
        query={list}
        rowKey={(s) => s.uuid}
        loadFailed={t(m.loadFailed)}
        search={{
          value: search,
          placeholder: t(m.search),
          onChange: (text) => void navigate({ search: text ? { search: text } : {}, replace: true }),
        }}
        onPage={(next) => void navigate({ search: (old) => ({ ...old, page: next }) })}
        empty={<EmptyWire title={t(m.emptyTitle)} text={t(m.emptyText)} />}
        columns={[
          {
            key: "name",
            head: t(m.name),
            cell: (s) => (
              <Link
                className="nm breakable"
                to="/server/$server/schedules/$schedule"
                params={{ server: server.uuid_short, schedule: s.uuid }}
              >
                {s.name}
              </Link>
            ),
          },
          {
            key: "state",
            head: t(m.enabled),
            phone: "meta",
            cell: (s) => (
              <StateMark state={s.enabled ? "running" : "offline"} word={t(s.enabled ? m.active : m.off)} />
            ),
          },
          {
            key: "when",
            head: t(m.when),
            phone: "meta",
            cell: (s) => <span className="sm t2">{whenOf(t, s)}</span>,
          },
          {
            key: "next",
            head: t(m.nextRun),
            phone: "meta",
            cell: (s) => (
              <span className="sm t2 nowrap">
                {s.enabled && s.next_run ? dateTime(new Date(s.next_run)) : ""}
              </span>
            ),
          },
          {
            key: "last",
            head: t(m.lastRun),
            phone: "hide",
            cell: (s) => (
              <span className="sm t2 nowrap">
                {s.last_run ? ago(new Date(s.last_run), new Date()) : t(m.never)}
              </span>
            ),
          },
        ]}
      />
      <Dialog title={t(m.create)} open={open} onClose={() => setOpen(false)}>
        <Create onCancel={() => setOpen(false)} onDone={enter} />
      </Dialog>
    </ServerPageBody>
  );
}

function Create({ onCancel, onDone }: { onCancel: () => void; onDone: (made: Schedule) => Promise<void> }) {
  const t = useT();
  const { server } = useServer();
  const form = useRecordForm({
    initial: { name: "" },
    checks: { name: v.pipe(v.string(), v.trim(), v.nonEmpty(t(m.needed)), v.maxLength(255)) },
    // It does nothing before it has steps, and runs at no time before somebody says when.
    send: ({ name }) =>
      createSchedule(server.uuid, {
        name: name.trim(),
        enabled: true,
        triggers: [],
        condition: { type: "none" },
      }),
    done: onDone,
  });
  return (
    <RecordFrame form={form} submit={t(m.create)} back={<Button onClick={onCancel}>{t(m.cancel)}</Button>}>
      <TextField label={t(m.name)} autoComplete="off" {...form.field("name")} />
    </RecordFrame>
  );
}
