import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useEffect } from "react";
import * as v from "valibot";
import { api, take } from "@/api/client";
import { locationsQuery, type Node } from "@/api/queries";
import { useT } from "@/i18n";
import { SelectField, Switch, TextField } from "@/ui/field";
import { RecordFrame, useRecordForm } from "@/ui/record-form";
import { amount, httpUrl, optionalHttpUrl, optionalText, portField, text, toGib, toMib } from "./checks";
import { m } from "./messages";

interface Props {
  node?: Node;
  submit: string;
  onDone: (node: { uuid: string; name: string }) => void | Promise<void>;
  back?: ReactNode;
}

/** Creates or changes a node. */
export function NodeForm({ node, submit, onDone, back }: Props) {
  const t = useT();
  const locations = useQuery(locationsQuery({ per_page: 100 }));
  const form = useRecordForm({
    initial: {
      name: node?.name ?? "",
      description: node?.description ?? "",
      location_uuid: node?.location.uuid ?? "",
      url: node?.url ?? "",
      public_url: node?.public_url ?? "",
      sftp_host: node?.sftp_host ?? "",
      sftp_port: String(node?.sftp_port ?? 2022),
      memory: node ? toGib(node.memory) : "0",
      disk: node ? toGib(node.disk) : "0",
      deployment_enabled: node?.deployment_enabled ?? true,
      maintenance_enabled: node?.maintenance_enabled ?? false,
    },
    checks: {
      name: text(t),
      description: optionalText(t, 1024),
      location_uuid: text(t),
      url: httpUrl(t),
      public_url: optionalHttpUrl(t),
      sftp_host: optionalText(t),
      sftp_port: portField(t),
      memory: amount(t),
      disk: amount(t),
      deployment_enabled: v.boolean(),
      maintenance_enabled: v.boolean(),
    },
    send: async (values) => {
      const body = {
        name: values.name.trim(),
        description: values.description.trim() || null,
        location_uuid: values.location_uuid,
        url: values.url.trim().replace(/\/+$/, ""),
        public_url: values.public_url.trim().replace(/\/+$/, "") || null,
        sftp_host: values.sftp_host.trim() || null,
        sftp_port: Number(values.sftp_port),
        memory: toMib(values.memory),
        disk: toMib(values.disk),
        deployment_enabled: values.deployment_enabled,
        maintenance_enabled: values.maintenance_enabled,
      };
      if (node) {
        await take(api.PATCH("/api/admin/nodes/{node}", { params: { path: { node: node.uuid } }, body }));
        return { uuid: node.uuid, name: body.name };
      }
      const made = await take(api.POST("/api/admin/nodes", { body }));
      return { uuid: made.node.uuid, name: made.node.name };
    },
    done: onDone,
  });
  // The only location there is, is the right one.
  const only = locations.data?.total === 1 ? locations.data.data[0]?.uuid : undefined;
  // biome-ignore lint/correctness/useExhaustiveDependencies: set once, when the locations arrive.
  useEffect(() => {
    if (only && !node && form.values.location_uuid === "") form.set("location_uuid", only);
  }, [only]);

  return (
    <RecordFrame form={form} submit={submit} back={back}>
      <section className="card">
        <div className="hd">
          <h2>{t(m.general)}</h2>
        </div>
        <div className="bd formgrid">
          <TextField label={t(m.nodeName)} hint={t(m.nodeNameHint)} {...form.field("name")} />
          <SelectField label={t(m.location)} {...form.field("location_uuid")}>
            <option value="">–</option>
            {locations.data?.data.map((l) => (
              <option key={l.uuid} value={l.uuid}>
                {l.name}
              </option>
            ))}
          </SelectField>
          <div className="full">
            <TextField label={t(m.description)} optional {...form.field("description")} />
          </div>
        </div>
      </section>
      <section className="card">
        <div className="hd">
          <h2>{t(m.connectionHead)}</h2>
        </div>
        <div className="bd formgrid">
          <TextField
            label={t(m.nodeUrl)}
            hint={t(m.nodeUrlHint)}
            placeholder="https://fra-01.example.net:8080"
            inputMode="url"
            autoCapitalize="none"
            spellCheck={false}
            {...form.field("url")}
          />
          <TextField
            label={t(m.nodePublicUrl)}
            hint={t(m.nodePublicUrlHint)}
            optional
            inputMode="url"
            autoCapitalize="none"
            spellCheck={false}
            {...form.field("public_url")}
          />
          <TextField label={t(m.sftpPort)} inputMode="numeric" {...form.field("sftp_port")} />
          <TextField label={t(m.sftpHost)} hint={t(m.sftpHostHint)} optional {...form.field("sftp_host")} />
        </div>
      </section>
      <section className="card">
        <div className="hd">
          <h2>{t(m.capacity)}</h2>
        </div>
        <div className="bd formgrid">
          <TextField
            label={t(m.nodeMemory)}
            hint={t(m.zeroUnlimited)}
            unit="GiB"
            inputMode="decimal"
            {...form.field("memory")}
          />
          <TextField
            label={t(m.nodeDisk)}
            hint={t(m.zeroUnlimited)}
            unit="GiB"
            inputMode="decimal"
            {...form.field("disk")}
          />
          <Switch label={t(m.deployment)} {...form.toggle("deployment_enabled")} />
          {node ? (
            <Switch
              label={t(m.maintenance)}
              hint={t(m.maintenanceHint)}
              {...form.toggle("maintenance_enabled")}
            />
          ) : null}
        </div>
      </section>
    </RecordFrame>
  );
}
