import {
  IconChevronLeft,
  IconCopy,
  IconDotsVertical,
  IconDownload,
  IconPlayerPlay,
  IconPlayerStop,
  IconTrash,
} from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { asFailure } from "@/api/error";
import { useServer } from "@/features/server/context";
import { ServerPageBody } from "@/features/server/page";
import { can } from "@/features/servers/state";
import { useT } from "@/i18n";
import { ago, dateTime } from "@/lib/format";
import { Button, IconButton } from "@/ui/button";
import { Confirm } from "@/ui/dialog";
import { ErrorCard } from "@/ui/failure";
import { SkeletonCard } from "@/ui/feedback";
import { Icon } from "@/ui/icon";
import { Menu } from "@/ui/menu";
import { StateMark } from "@/ui/state-mark";
import { toast, toastFailure } from "@/ui/toasts";
import { m } from "./messages";
import {
  deleteSchedule,
  duplicateSchedule,
  exportSchedule,
  runSchedule,
  type Schedule,
  scheduleQuery,
  schedulesKey,
  statusQuery,
  stopSchedule,
} from "./requests";
import { Steps } from "./steps";
import { WhenCard } from "./when-card";

/** One schedule: what it does, when, and how it went. */
export default function SchedulePage() {
  const t = useT();
  const { server } = useServer();
  const { schedule: id } = useParams({ from: "/signed-in/server/$server/schedules/$schedule" });
  const schedule = useQuery({
    ...scheduleQuery(server.uuid, id),
    enabled: can(server, "schedules.read"),
  });
  return (
    <ServerPageBody
      title={m.title}
      needs="schedules.read"
      actions={schedule.data ? <Acts schedule={schedule.data} /> : null}
    >
      <div className="row g8 wrap">
        <Link className="link row g8" to="/server/$server/schedules" params={{ server: server.uuid_short }}>
          <Icon of={IconChevronLeft} size="s" />
          {t(m.all)}
        </Link>
      </div>
      {schedule.isError ? (
        <ErrorCard title={t(m.loadOneFailed)} error={schedule.error} retry={() => void schedule.refetch()} />
      ) : schedule.data ? (
        <Shown schedule={schedule.data} />
      ) : (
        <SkeletonCard lines={5} />
      )}
    </ServerPageBody>
  );
}

function Shown({ schedule }: { schedule: Schedule }) {
  const { server } = useServer();
  const status = useQuery(statusQuery(server.uuid, schedule.uuid));
  return (
    <>
      <div className="row g12 wrap">
        <h2 className="breakable">{schedule.name}</h2>
        <Standing schedule={schedule} running={status.data?.running ?? false} />
      </div>
      <div className="grid2 schedule-grid">
        <Steps
          schedule={schedule.uuid}
          errors={status.data?.errors ?? {}}
          at={status.data?.running ? (status.data.step ?? null) : null}
        />
        <div className="stack">
          {/* A change by somebody else begins the form anew. */}
          <WhenCard key={JSON.stringify([schedule.triggers, schedule.condition])} schedule={schedule} />
          <LastRun schedule={schedule} />
        </div>
      </div>
    </>
  );
}

function Standing({ schedule, running }: { schedule: Schedule; running: boolean }) {
  const t = useT();
  if (running) return <StateMark state="starting" word={t(m.running)} pill />;
  return (
    <StateMark
      state={schedule.enabled ? "running" : "offline"}
      word={t(schedule.enabled ? m.active : m.off)}
      pill
    />
  );
}

function LastRun({ schedule }: { schedule: Schedule }) {
  const t = useT();
  const now = new Date();
  const failed = schedule.last_failure && (!schedule.last_run || schedule.last_failure >= schedule.last_run);
  return (
    <section className="card pad stack g8">
      <h2>{t(m.lastRun)}</h2>
      {schedule.last_run ? (
        <p className="sm t2">
          {failed
            ? t(m.failedAt, { when: ago(new Date(schedule.last_failure ?? ""), now) })
            : t(m.worked, { when: ago(new Date(schedule.last_run), now) })}
        </p>
      ) : (
        <p className="sm t3">{t(m.never)}</p>
      )}
      {schedule.last_missed ? (
        <p className="sm t3">{t(m.missedAt, { when: dateTime(new Date(schedule.last_missed)) })}</p>
      ) : null}
      {schedule.enabled && schedule.next_run ? (
        <p className="sm">
          {t(m.nextRun)}: <b>{dateTime(new Date(schedule.next_run))}</b>
        </p>
      ) : null}
    </section>
  );
}

function Acts({ schedule }: { schedule: Schedule }) {
  const t = useT();
  const client = useQueryClient();
  const navigate = useNavigate();
  const { server } = useServer();
  const [leaving, setLeaving] = useState(false);
  const { name, uuid } = schedule;
  const again = () => client.invalidateQueries({ queryKey: schedulesKey(server.uuid) });
  const status = useQuery(statusQuery(server.uuid, uuid));
  const failed = (error: unknown) => toastFailure(t(m.runFailed), asFailure(error));
  const run = useMutation({
    mutationFn: () => runSchedule(server.uuid, uuid),
    onSuccess: () => toast(t(m.ran, { name })),
    onError: failed,
    onSettled: again,
  });
  const stop = useMutation({
    mutationFn: () => stopSchedule(server.uuid, uuid),
    onSuccess: () => toast(t(m.stopped)),
    onError: failed,
    onSettled: again,
  });
  const copy = useMutation({
    mutationFn: () => duplicateSchedule(server.uuid, uuid, t(m.copyOf, { name }).slice(0, 255)),
    onSuccess: async (made) => {
      toast(t(m.duplicated, { name: made.name }));
      await again();
      await navigate({
        to: "/server/$server/schedules/$schedule",
        params: { server: server.uuid_short, schedule: made.uuid },
      });
    },
    onError: (error) => toastFailure(t(m.duplicate), asFailure(error)),
  });
  const give = useMutation({
    mutationFn: () => exportSchedule(server.uuid, uuid),
    onSuccess: (document_) => {
      const url = URL.createObjectURL(
        new Blob([JSON.stringify(document_, null, 2)], { type: "application/json" }),
      );
      const link = document.createElement("a");
      link.href = url;
      link.download = `${name.replace(/[^\p{L}\p{N}_-]+/gu, "-")}.json`;
      link.click();
      URL.revokeObjectURL(url);
    },
    onError: (error) => toastFailure(t(m.export), asFailure(error)),
  });
  const remove = useMutation({
    mutationFn: () => deleteSchedule(server.uuid, uuid),
    onSuccess: async () => {
      setLeaving(false);
      toast(t(m.deleted, { name }));
      await navigate({ to: "/server/$server/schedules", params: { server: server.uuid_short } });
      await again();
    },
  });
  const may = (verb: string) => can(server, `schedules.${verb}`);
  return (
    <>
      {may("update") ? (
        status.data?.running ? (
          <Button icon={IconPlayerStop} busy={stop.isPending} onClick={() => stop.mutate()}>
            {t(m.stop)}
          </Button>
        ) : (
          <Button icon={IconPlayerPlay} busy={run.isPending} onClick={() => run.mutate()}>
            {t(m.run)}
          </Button>
        )
      ) : null}
      <Menu width={200} position="bottom-end" offset={4}>
        <Menu.Target>
          <IconButton outlined icon={IconDotsVertical} label={t(m.actionsOf, { name })} />
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<Icon of={IconDownload} />} onClick={() => give.mutate()}>
            {t(m.export)}
          </Menu.Item>
          {may("create") ? (
            <Menu.Item leftSection={<Icon of={IconCopy} />} onClick={() => copy.mutate()}>
              {t(m.duplicate)}
            </Menu.Item>
          ) : null}
          {may("delete") ? (
            <Menu.Item leftSection={<Icon of={IconTrash} />} data-danger onClick={() => setLeaving(true)}>
              {t(m.delete)}
            </Menu.Item>
          ) : null}
        </Menu.Dropdown>
      </Menu>
      <Confirm
        title={t(m.deleteTitle, { name })}
        text={t(m.deleteText)}
        keep={t(m.keep)}
        act={t(m.delete)}
        open={leaving}
        busy={remove.isPending}
        error={remove.error}
        onClose={() => {
          remove.reset();
          setLeaving(false);
        }}
        onConfirm={() => remove.mutate()}
      />
    </>
  );
}
