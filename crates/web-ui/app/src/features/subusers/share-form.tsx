import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import * as v from "valibot";
import { m as permissions } from "@/features/permissions/messages";
import { PermissionPicker } from "@/features/permissions/permission-picker";
import { type PermissionGroups, permissionsQuery } from "@/features/permissions/requests";
import { useServer } from "@/features/server/context";
import { can } from "@/features/servers/state";
import { useT } from "@/i18n";
import { Button } from "@/ui/button";
import { ErrorCard } from "@/ui/failure";
import { SkeletonLines } from "@/ui/feedback";
import { TextArea, TextField } from "@/ui/field";
import { RecordFrame, useRecordForm } from "@/ui/record-form";
import { m } from "./messages";
import { changeShare, invite, type Share, type Subuser } from "./requests";

interface Props {
  /** Whose share it is; nobody's for an invitation. */
  known: Subuser | null;
  onCancel: () => void;
  onDone: (subuser: Subuser | null) => Promise<void>;
}

/** What somebody may do on the server, for an invitation with their address. */
export function ShareForm(props: Props) {
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
  return <Form {...props} groups={catalogue.data.server_permissions} />;
}

function Form({ known, groups, onCancel, onDone }: Props & { groups: PermissionGroups }) {
  const t = useT();
  const { server } = useServer();
  const [chosen, setChosen] = useState<string[]>(known?.permissions ?? []);
  const form = useRecordForm({
    initial: { email: "", ignored_files: known?.ignored_files.join("\n") ?? "" },
    checks: {
      email: known ? v.string() : v.pipe(v.string(), v.trim(), v.nonEmpty(t(m.needed))),
      ignored_files: v.string(),
    },
    send: async ({ email, ignored_files }): Promise<Subuser | null> => {
      const lines = ignored_files.split("\n").filter((line) => line.trim() !== "");
      const share: Share = { permissions: chosen, ignored_files: lines };
      if (!known) return invite(server.uuid, email.trim(), share);
      await changeShare(server.uuid, known.user.uuid, share);
      return null;
    },
    done: onDone,
  });
  return (
    <RecordFrame
      form={form}
      submit={t(known ? m.save : m.invite)}
      back={<Button onClick={onCancel}>{t(m.cancel)}</Button>}
    >
      {known ? null : (
        <>
          <p className="sm t2">{t(m.inviteText)}</p>
          <TextField
            label={t(m.email)}
            hint={t(m.emailHint)}
            type="email"
            autoComplete="off"
            {...form.field("email")}
          />
        </>
      )}
      <section className="stack g8">
        <h3>{t(m.permissions)}</h3>
        {/* Nobody gives away what they don't have. */}
        <PermissionPicker
          groups={groups}
          chosen={chosen}
          onChange={setChosen}
          may={(key) => can(server, key)}
        />
      </section>
      <TextArea
        label={t(m.hidden)}
        hint={t(m.hiddenHint)}
        mono
        optional
        rows={3}
        spellCheck={false}
        {...form.field("ignored_files")}
      />
    </RecordFrame>
  );
}
