import { useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { useState } from "react";
import * as v from "valibot";
import { accountQuery } from "@/api/queries";
import { m as permissions } from "@/features/permissions/messages";
import { PermissionPicker } from "@/features/permissions/permission-picker";
import { type Permissions, permissionsQuery } from "@/features/permissions/requests";
import { useT } from "@/i18n";
import { Button } from "@/ui/button";
import { ErrorCard } from "@/ui/failure";
import { SkeletonLines } from "@/ui/feedback";
import { TextArea, TextField } from "@/ui/field";
import { RecordFrame, useRecordForm } from "@/ui/record-form";
import { m } from "./messages";
import { type ApiKey, createApiKey, type KeyRequest, updateApiKey } from "./requests";

interface Props {
  known: ApiKey | null;
  onCancel: () => void;
  /** The whole key, when a new one was made. */
  onDone: (key: string | null) => Promise<void>;
}

/** A new key, or the changes of one. */
export function ApiKeyForm(props: Props) {
  const t = useT();
  const catalogue = useQuery(permissionsQuery);
  if (catalogue.isError)
    return (
      <ErrorCard
        title={t(permissions.loadFailed)}
        error={catalogue.error}
        retry={() => void catalogue.refetch()}
      />
    );
  if (!catalogue.data) return <SkeletonLines lines={5} />;
  return <Form {...props} catalogue={catalogue.data} />;
}

/** Lines that say something. */
function linesOf(text: string): string[] {
  return text
    .split(/[\n,]/)
    .map((line) => line.trim())
    .filter((line) => line !== "");
}

function Form({ known, catalogue, onCancel, onDone }: Props & { catalogue: Permissions }) {
  const t = useT();
  const { data: account } = useSuspenseQuery(accountQuery);
  const [server, setServer] = useState<string[]>(known?.server_permissions ?? []);
  const [user, setUser] = useState<string[]>(known?.user_permissions ?? []);
  const [admin, setAdmin] = useState<string[]>(known?.admin_permissions ?? []);
  // Of the administration only those who are in it have something to give.
  const held = account?.role?.admin_permissions ?? [];
  const administers = account?.admin === true || held.length > 0;
  const form = useRecordForm({
    initial: {
      name: known?.name ?? "",
      allowed_ips: known?.allowed_ips.join("\n") ?? "",
      expires: known?.expires?.slice(0, 10) ?? "",
    },
    checks: {
      name: v.pipe(v.string(), v.trim(), v.nonEmpty(t(m.needed)), v.maxLength(31, t(m.tooLong, { max: 31 }))),
      allowed_ips: v.string(),
      expires: v.string(),
    },
    send: async ({ name, allowed_ips, expires }) => {
      const body: KeyRequest = {
        name: name.trim(),
        allowed_ips: linesOf(allowed_ips),
        // The end of that day where this person is.
        expires: expires === "" ? null : new Date(`${expires}T23:59:59`).toISOString(),
        server_permissions: server,
        user_permissions: user,
        admin_permissions: admin,
      };
      if (!known) return createApiKey(body);
      await updateApiKey(known.uuid, body);
      return null;
    },
    done: onDone,
  });
  return (
    <RecordFrame
      form={form}
      submit={t(known ? m.save : m.createKey)}
      back={<Button onClick={onCancel}>{t(m.cancel)}</Button>}
    >
      <div className="grid2">
        <TextField label={t(m.keyName)} autoComplete="off" {...form.field("name")} />
        <TextField
          label={t(m.keyExpires)}
          hint={t(m.keyExpiresHint)}
          type="date"
          optional
          {...form.field("expires")}
        />
      </div>
      <TextArea
        label={t(m.keyIps)}
        hint={t(m.keyIpsHint)}
        mono
        optional
        rows={2}
        {...form.field("allowed_ips")}
      />
      <section className="stack g8">
        <h3>{t(m.onServers)}</h3>
        <PermissionPicker groups={catalogue.server_permissions} chosen={server} onChange={setServer} />
      </section>
      <section className="stack g8">
        <h3>{t(m.onAccount)}</h3>
        <PermissionPicker groups={catalogue.user_permissions} chosen={user} onChange={setUser} />
      </section>
      {administers ? (
        <section className="stack g8">
          <h3>{t(m.onPanel)}</h3>
          <PermissionPicker
            groups={catalogue.admin_permissions}
            chosen={admin}
            onChange={setAdmin}
            may={(key) => account?.admin === true || held.includes(key)}
          />
        </section>
      ) : null}
    </RecordFrame>
  );
}
