import {
  IconArrowDown,
  IconArrowUp,
  IconCopy,
  IconDotsVertical,
  IconEdit,
  IconPlus,
  IconTrash,
} from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { asFailure } from "@/api/error";
import { useServer } from "@/features/server/context";
import { can } from "@/features/servers/state";
import { useT } from "@/i18n";
import { Button, IconButton } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { ErrorCard } from "@/ui/failure";
import { SkeletonCard } from "@/ui/feedback";
import { Icon } from "@/ui/icon";
import { Menu } from "@/ui/menu";
import { toast, toastFailure } from "@/ui/toasts";
import { detailOf, nameOf } from "./kinds";
import { m } from "./messages";
import { copyStep, deleteStep, orderSteps, type Step, schedulesKey, stepsQuery } from "./requests";
import { StepForm } from "./step-form";

interface Props {
  schedule: string;
  /** What went wrong in the last run, by step. */
  errors: Record<string, string>;
  /** The step that is being done. */
  at: string | null;
}

/** The steps of a schedule in their order. */
export function Steps({ schedule, errors, at }: Props) {
  const t = useT();
  const client = useQueryClient();
  const { server } = useServer();
  const [open, setOpen] = useState<Step | "new" | null>(null);
  const query = stepsQuery(server.uuid, schedule);
  const steps = useQuery(query);
  const may = can(server, "schedules.update");
  const again = () => client.invalidateQueries({ queryKey: schedulesKey(server.uuid) });
  const refused = (error: unknown) => toastFailure(t(m.stepFailed), asFailure(error));

  const order = useMutation({
    mutationFn: (wanted: Step[]) =>
      orderSteps(
        server.uuid,
        schedule,
        wanted.map((s) => s.uuid),
      ),
    // The new order stands at once, and the old one again when it is refused.
    onMutate: async (wanted) => {
      await client.cancelQueries({ queryKey: query.queryKey });
      const before = client.getQueryData(query.queryKey);
      client.setQueryData(query.queryKey, wanted);
      return before;
    },
    onError: (error, _, before) => {
      if (before) client.setQueryData(query.queryKey, before);
      refused(error);
    },
    onSettled: again,
  });
  const copy = useMutation({
    mutationFn: (s: Step) => copyStep(server.uuid, schedule, s.uuid),
    onError: refused,
    onSettled: again,
  });
  const remove = useMutation({
    mutationFn: (s: Step) => deleteStep(server.uuid, schedule, s.uuid),
    onSuccess: () => toast(t(m.stepDeleted)),
    onError: refused,
    onSettled: again,
  });

  if (steps.isError)
    return <ErrorCard title={t(m.loadOneFailed)} error={steps.error} retry={() => void steps.refetch()} />;
  if (!steps.data) return <SkeletonCard lines={4} />;
  const list = steps.data;
  function move(index: number, by: number) {
    const next = [...list];
    const [moved] = next.splice(index, 1);
    if (moved) next.splice(index + by, 0, moved);
    order.mutate(next);
  }
  return (
    <section className="stack g12">
      <div className="row g8">
        <h2>{t(m.steps)}</h2>
        <span className="sm t3">{t(m.stepsNote, { count: list.length })}</span>
      </div>
      {list.length === 0 ? <p className="sm t3">{t(m.noSteps)}</p> : null}
      <ol className="steps">
        {list.map((s, i) => {
          const error = errors[s.uuid] ?? s.error;
          return (
            <li key={s.uuid} className={`card step${s.uuid === at ? " at" : ""}`}>
              <span className="no" aria-hidden="true">
                {i + 1}
              </span>
              <div className="grow">
                <span className="b">{nameOf(t, s.action)}</span>
                <span className="sm t2 block breakable mono">{detailOf(t, s.action)}</span>
                {error ? (
                  <span className="sm block breakable st failed">{t(m.lastError, { error })}</span>
                ) : null}
              </div>
              {may ? (
                <Menu width={200} position="bottom-end" offset={4}>
                  <Menu.Target>
                    <IconButton icon={IconDotsVertical} label={t(m.stepActions, { number: i + 1 })} />
                  </Menu.Target>
                  <Menu.Dropdown>
                    <Menu.Item leftSection={<Icon of={IconEdit} />} onClick={() => setOpen(s)}>
                      {t(m.editStep)}
                    </Menu.Item>
                    <Menu.Item
                      leftSection={<Icon of={IconArrowUp} />}
                      disabled={i === 0}
                      onClick={() => move(i, -1)}
                    >
                      {t(m.moveUp)}
                    </Menu.Item>
                    <Menu.Item
                      leftSection={<Icon of={IconArrowDown} />}
                      disabled={i === list.length - 1}
                      onClick={() => move(i, 1)}
                    >
                      {t(m.moveDown)}
                    </Menu.Item>
                    <Menu.Item leftSection={<Icon of={IconCopy} />} onClick={() => copy.mutate(s)}>
                      {t(m.duplicate)}
                    </Menu.Item>
                    <Menu.Item
                      leftSection={<Icon of={IconTrash} />}
                      data-danger
                      onClick={() => remove.mutate(s)}
                    >
                      {t(m.delete)}
                    </Menu.Item>
                  </Menu.Dropdown>
                </Menu>
              ) : null}
            </li>
          );
        })}
      </ol>
      {may ? (
        <div>
          <Button icon={IconPlus} onClick={() => setOpen("new")}>
            {t(m.addStep)}
          </Button>
        </div>
      ) : null}
      <Dialog
        title={t(open === "new" ? m.addStep : m.editStep)}
        open={open !== null}
        onClose={() => setOpen(null)}
        wide
      >
        {open ? (
          <StepForm
            schedule={schedule}
            known={open === "new" ? null : open}
            order={list.length}
            onCancel={() => setOpen(null)}
            onDone={async () => {
              setOpen(null);
              toast(t(m.stepSaved));
              await again();
            }}
          />
        ) : null}
      </Dialog>
    </section>
  );
}
