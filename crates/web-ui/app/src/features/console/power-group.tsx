import { IconPlayerPlay, IconPlayerStop, IconPower, IconRefresh, IconSkull } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { api, type Input, take } from "@/api/client";
import { asFailure } from "@/api/error";
import type { Server } from "@/api/queries";
import { can, isUsable } from "@/features/servers/state";
import { type Message, useT } from "@/i18n";
import { Button, IconButton } from "@/ui/button";
import { Confirm } from "@/ui/dialog";
import { Icon } from "@/ui/icon";
import { Menu } from "@/ui/menu";
import type { ServerState } from "@/ui/state-mark";
import { toastFailure } from "@/ui/toasts";
import { m } from "./messages";

type Action = Input<"/api/client/servers/{server}/power", "post">["action"];

/** How long a stop may take before it can be forced. */
const KILL_AFTER_MS = 10_000;

/** Start, restart, stop; a stop that drags on can be forced after asking. */
export function PowerGroup({ server, state }: { server: Server; state: ServerState | undefined }) {
  const t = useT();
  const [asking, setAsking] = useState(false);
  const slow = useSlowStop(state);
  const power = useMutation({
    mutationFn: (action: Action) =>
      take(
        api.POST("/api/client/servers/{server}/power", {
          params: { path: { server: server.uuid } },
          body: { action },
        }),
      ),
    onSuccess: () => setAsking(false),
    onError: (error, action) => {
      if (action !== "kill") toastFailure(t(m.powerFailed, { name: server.name }), asFailure(error));
    },
  });
  const usable = isUsable(state);
  const up = state === "running" || state === "starting";
  const stopOrKill: "stop" | "kill" = slow ? "kill" : "stop";
  const buttons: {
    action: Action;
    label: Message;
    icon: typeof IconPower;
    enabled: boolean;
    why: Message;
    danger?: boolean;
  }[] = [
    {
      action: "start",
      label: m.start,
      icon: IconPlayerPlay,
      enabled: state === "offline",
      why: usable ? m.whyStart : m.whyState,
    },
    {
      action: "restart",
      label: m.restart,
      icon: IconRefresh,
      enabled: up,
      why: usable ? m.whyStop : m.whyState,
    },
    {
      action: stopOrKill,
      label: slow ? m.kill : m.stop,
      icon: slow ? IconSkull : IconPlayerStop,
      enabled: up || slow,
      why: usable ? m.whyStop : m.whyState,
      danger: true,
    },
  ];
  const allowed = buttons.filter((b) => can(server, `control.${b.action === "kill" ? "stop" : b.action}`));
  const press = (action: Action) => (action === "kill" ? setAsking(true) : power.mutate(action));
  const busy = (action: Action) => power.isPending && power.variables === action && !asking;

  if (allowed.length === 0) return null;
  return (
    <>
      <div className="row hide-m">
        {allowed.map((b) => (
          <Button
            key={b.label.id}
            size="sm"
            icon={b.icon}
            {...(b.danger ? { look: "danger" } : {})}
            disabled={!b.enabled}
            title={b.enabled ? undefined : t(b.why)}
            busy={busy(b.action)}
            onClick={() => press(b.action)}
          >
            {t(b.label)}
          </Button>
        ))}
      </div>
      <div className="only-m">
        <Menu width={220} position="bottom-end" offset={4}>
          <Menu.Target>
            <IconButton icon={IconPower} label={t(m.power)} outlined />
          </Menu.Target>
          <Menu.Dropdown>
            {allowed.map((b) => (
              <Menu.Item
                key={b.label.id}
                leftSection={<Icon of={b.icon} />}
                disabled={!b.enabled}
                {...(b.danger ? { "data-danger": true } : {})}
                onClick={() => press(b.action)}
              >
                {t(b.label)}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      </div>
      <Confirm
        title={t(m.killTitle, { name: server.name })}
        text={t(m.killText)}
        keep={t(m.killKeep)}
        act={t(m.killNow)}
        open={asking}
        busy={power.isPending}
        error={power.variables === "kill" ? power.error : null}
        onClose={() => setAsking(false)}
        onConfirm={() => power.mutate("kill")}
      />
    </>
  );
}

/** True once the server has been stopping for long enough. */
function useSlowStop(state: ServerState | undefined): boolean {
  const [slow, setSlow] = useState(false);
  useEffect(() => {
    setSlow(false);
    if (state !== "stopping") return;
    const timer = window.setTimeout(() => setSlow(true), KILL_AFTER_MS);
    return () => window.clearTimeout(timer);
  }, [state]);
  return slow;
}
