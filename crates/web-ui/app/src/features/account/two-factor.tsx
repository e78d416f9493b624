import { IconDownload, IconPrinter, IconShieldCheck, IconShieldOff } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import * as v from "valibot";
import { type Account, accountQuery } from "@/api/queries";
import { useT } from "@/i18n";
import { ago } from "@/lib/format";
import { Button } from "@/ui/button";
import { CopyChip } from "@/ui/copy";
import { Dialog } from "@/ui/dialog";
import { ErrorCard } from "@/ui/failure";
import { SkeletonLines } from "@/ui/feedback";
import { TextField } from "@/ui/field";
import { Icon } from "@/ui/icon";
import { RecordFrame, useRecordForm } from "@/ui/record-form";
import { toast } from "@/ui/toasts";
import { m } from "./messages";
import { Qr } from "./qr";
import { disableTwoFactor, enableTwoFactor, setUpTwoFactor } from "./requests";

/** The second factor: whether it is on, and the way to the other state. */
export function TwoFactor({ account }: { account: Account }) {
  const t = useT();
  const [open, setOpen] = useState<"on" | "off" | null>(null);
  const [codes, setCodes] = useState<string[] | null>(null);
  const on = account.totp_enabled;
  const used = account.totp_last_used ? ago(new Date(account.totp_last_used), new Date()) : null;
  return (
    <section className="card pad stack g12">
      <div className="row g8">
        <Icon of={on ? IconShieldCheck : IconShieldOff} />
        <h2>{t(m.twoFactor)}</h2>
      </div>
      {!on && account.require_two_factor ? <p className="sm st failed">{t(m.twoFactorDemanded)}</p> : null}
      <p className="sm t2">
        {t(on ? m.twoFactorOn : m.twoFactorOff)} {on && used ? t(m.twoFactorUsed, { when: used }) : null}
      </p>
      <div>
        <Button
          look={on ? undefined : "primary"}
          disabled={account.frozen}
          onClick={() => setOpen(on ? "off" : "on")}
        >
          {t(on ? m.turnOff : m.turnOn)}
        </Button>
      </div>
      <Dialog title={t(m.setUp)} open={open === "on"} onClose={() => setOpen(null)} wide>
        <SetUp
          onDone={(given) => {
            setOpen(null);
            setCodes(given);
          }}
          onCancel={() => setOpen(null)}
        />
      </Dialog>
      <Dialog title={t(m.turnOffTitle)} open={open === "off"} onClose={() => setOpen(null)}>
        <TurnOff onClose={() => setOpen(null)} />
      </Dialog>
      {/* Closed by its button only: the codes are not shown again. */}
      <Dialog title={t(m.recoveryTitle)} open={codes !== null} onClose={() => undefined}>
        {codes ? <RecoveryCodes codes={codes} account={account} onClose={() => setCodes(null)} /> : null}
      </Dialog>
    </section>
  );
}

function SetUp({ onDone, onCancel }: { onDone: (codes: string[]) => void; onCancel: () => void }) {
  const t = useT();
  const client = useQueryClient();
  // Each question gives another secret, so it is asked once for each opening.
  const setup = useQuery({
    queryKey: ["account-two-factor"],
    queryFn: setUpTwoFactor,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
  const form = useRecordForm({
    initial: { code: "", password: "" },
    checks: {
      code: v.pipe(v.string(), v.trim(), v.regex(/^\d{6}$/, t(m.codeHint))),
      password: v.pipe(v.string(), v.nonEmpty(t(m.needed))),
    },
    send: ({ code, password }) => enableTwoFactor(code.trim(), password),
    done: async (codes) => {
      onDone(codes);
      await client.invalidateQueries({ queryKey: accountQuery.queryKey });
    },
  });
  if (setup.isError)
    return <ErrorCard title={t(m.setUpFailed)} error={setup.error} retry={() => void setup.refetch()} />;
  if (!setup.data) return <SkeletonLines lines={4} />;
  return (
    <RecordFrame form={form} submit={t(m.confirm)} back={<Button onClick={onCancel}>{t(m.cancel)}</Button>}>
      <div className="row g16 wrap">
        <Qr text={setup.data.otp_url} label={t(m.qr)} />
        <div className="stack g8 grow">
          <p className="sm t2">{t(m.scan)}</p>
          <p className="sm t2">{t(m.typeSecret)}</p>
          <div>
            <CopyChip text={setup.data.secret} what={t(m.theSecret)} />
          </div>
        </div>
      </div>
      <TextField
        label={t(m.code)}
        hint={t(m.codeHint)}
        mono
        inputMode="numeric"
        autoComplete="one-time-code"
        maxLength={6}
        {...form.field("code")}
      />
      <TextField
        label={t(m.password)}
        type="password"
        autoComplete="current-password"
        {...form.field("password")}
      />
    </RecordFrame>
  );
}

function TurnOff({ onClose }: { onClose: () => void }) {
  const t = useT();
  const client = useQueryClient();
  const form = useRecordForm({
    initial: { code: "", password: "" },
    checks: {
      code: v.pipe(v.string(), v.trim(), v.minLength(6, t(m.needed))),
      password: v.pipe(v.string(), v.nonEmpty(t(m.needed))),
    },
    send: ({ code, password }) => disableTwoFactor(code.trim(), password),
    done: async () => {
      toast(t(m.turnedOff));
      onClose();
      await client.invalidateQueries({ queryKey: accountQuery.queryKey });
    },
  });
  return (
    <RecordFrame form={form} submit={t(m.turnOff)} back={<Button onClick={onClose}>{t(m.cancel)}</Button>}>
      <p className="sm t2">{t(m.turnOffText)}</p>
      <TextField
        label={t(m.codeOrRecovery)}
        mono
        autoComplete="one-time-code"
        autoCapitalize="none"
        {...form.field("code")}
      />
      <TextField
        label={t(m.password)}
        type="password"
        autoComplete="current-password"
        {...form.field("password")}
      />
    </RecordFrame>
  );
}

interface CodesProps {
  codes: string[];
  account: Account;
  onClose: () => void;
}

function RecoveryCodes({ codes, account, onClose }: CodesProps) {
  const t = useT();
  const file = `${window.location.host} · ${account.username}\n\n${codes.join("\n")}\n`;
  return (
    <div className="stack g12">
      <p className="sm t2">{t(m.recoveryText)}</p>
      <ul className="codes print-only-this">
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
      <div className="row g8 wrap">
        <a
          className="btn sm"
          href={`data:text/plain;charset=utf-8,${encodeURIComponent(file)}`}
          download={t(m.recoveryFile)}
        >
          <Icon of={IconDownload} />
          {t(m.download)}
        </a>
        <Button size="sm" icon={IconPrinter} onClick={() => window.print()}>
          {t(m.print)}
        </Button>
      </div>
      <div className="row dialog-foot">
        <Button look="primary" onClick={onClose}>
          {t(m.recoveryLeave)}
        </Button>
      </div>
    </div>
  );
}
