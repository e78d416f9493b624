import { IconPlayerStop, IconRefreshAlert } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { asFailure } from "@/api/error";
import { useServer } from "@/features/server/context";
import { can } from "@/features/servers/state";
import { useT } from "@/i18n";
import { Button } from "@/ui/button";
import { Confirm } from "@/ui/dialog";
import { Switch } from "@/ui/field";
import { toast, toastFailure } from "@/ui/toasts";
import { m } from "./messages";
import { cancelInstall, reinstall, unlockInstall } from "./requests";

/** Installing a server again, and the ways out of an installation that runs or failed. */
export function Installation() {
  const { server, state } = useServer();
  if (state === "installing") return can(server, "settings.cancel-install") ? <Cancel /> : null;
  if (!can(server, "settings.install")) return null;
  return (
    <>
      {state === "failed" && server.status !== "backup_restore_failed" ? <Unlock /> : null}
      <Reinstall />
    </>
  );
}

function Reinstall() {
  const t = useT();
  const client = useQueryClient();
  const navigate = useNavigate();
  const { server, state } = useServer();
  const [asking, setAsking] = useState(false);
  const [wipe, setWipe] = useState(false);
  const run = useMutation({
    mutationFn: () => reinstall(server.uuid, wipe),
    onSuccess: async () => {
      toast(t(m.reinstallStarted, { name: server.name }), t(m.reinstallWatch));
      setAsking(false);
      await client.invalidateQueries({ queryKey: ["servers", "one"] });
      await navigate({ to: "/server/$server", params: { server: server.uuid_short } });
    },
  });
  return (
    <section className="card pad stack g12">
      <h2>{t(m.reinstall)}</h2>
      <p className="sm t2">{t(m.reinstallText)}</p>
      <div>
        <Button
          look="danger"
          size="sm"
          icon={IconRefreshAlert}
          disabled={state === "suspended" || state === "transferring"}
          onClick={() => setAsking(true)}
        >
          {t(m.reinstallAct)}
        </Button>
      </div>
      <Confirm
        // With another question comes another way to confirm it.
        key={String(wipe)}
        title={t(m.reinstallAsk, { name: server.name })}
        text={t(wipe ? m.reinstallLostAll : m.reinstallLost)}
        {...(wipe ? { name: server.name } : {})}
        keep={t(m.reinstallKeep)}
        act={t(wipe ? m.reinstallWipe : m.reinstallAct)}
        open={asking}
        busy={run.isPending}
        error={run.error}
        onClose={() => {
          setAsking(false);
          setWipe(false);
          run.reset();
        }}
        onConfirm={() => run.mutate()}
      >
        <Switch
          label={t(m.wipe)}
          hint={t(m.wipeHint)}
          checked={wipe}
          onChange={(event) => setWipe(event.currentTarget.checked)}
        />
      </Confirm>
    </section>
  );
}

function Cancel() {
  const t = useT();
  const client = useQueryClient();
  const { server } = useServer();
  const cancel = useMutation({
    mutationFn: () => cancelInstall(server.uuid),
    onSuccess: (waits) => {
      toast(t(waits ? m.cancelling : m.cancelled));
      void client.invalidateQueries({ queryKey: ["servers", "one"] });
    },
    onError: (error) => toastFailure(t(m.cancelFailed), asFailure(error)),
  });
  return (
    <section className="card pad stack g12">
      <h2>{t(m.cancelInstall)}</h2>
      <p className="sm t2">{t(m.cancelText)}</p>
      <div>
        <Button
          look="danger"
          size="sm"
          icon={IconPlayerStop}
          busy={cancel.isPending}
          onClick={() => cancel.mutate()}
        >
          {t(m.cancelInstall)}
        </Button>
      </div>
    </section>
  );
}

function Unlock() {
  const t = useT();
  const client = useQueryClient();
  const { server } = useServer();
  const unlock = useMutation({
    mutationFn: () => unlockInstall(server.uuid),
    onSuccess: () => {
      toast(t(m.unlocked, { name: server.name }));
      void client.invalidateQueries({ queryKey: ["servers", "one"] });
    },
    onError: (error) => toastFailure(t(m.unlockFailed), asFailure(error)),
  });
  return (
    <section className="card pad stack g12">
      <h2>{t(m.unlock)}</h2>
      <p className="sm t2">{t(m.unlockText)}</p>
      <div>
        <Button size="sm" busy={unlock.isPending} onClick={() => unlock.mutate()}>
          {t(m.unlock)}
        </Button>
      </div>
    </section>
  );
}
