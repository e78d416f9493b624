import { schemaResolver, useForm } from "@mantine/form";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useEffect } from "react";
import * as v from "valibot";
import { api, take } from "@/api/client";
import { locationsQuery, type Node } from "@/api/queries";
import { useT } from "@/i18n";
import { Button } from "@/ui/button";
import { InlineFailure } from "@/ui/failure";
import { SelectField, Switch, TextField } from "@/ui/field";
import { useSubmit } from "@/ui/forms";
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
  const form = useForm({
    mode: "uncontrolled",
    initialValues: {
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
    validate: schemaResolver(
      v.object({
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
      }),
      { sync: true },
    ),
  });
  // The only location there is, is the right one.
  const only = locations.data?.total === 1 ? locations.data.data[0]?.uuid : undefined;
  // biome-ignore lint/correctness/useExhaustiveDependencies: set once, when the locations arrive.
  useEffect(() => {
    if (only && !node && form.getValues().location_uuid === "") form.setFieldValue("location_uuid", only);
  }, [only]);

  const { onSubmit, busy, failure } = useSubmit(
    form,
    async (values) => {
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
    (made) => onDone(made),
  );
  return (
    <form className="stack" onSubmit={onSubmit} noValidate>
      {failure ? <InlineFailure error={failure} /> : null}
      <section className="card">
        <div className="hd">
          <h2>{t(m.general)}</h2>
        </div>
        <div className="bd formgrid">
          <TextField
            label={t(m.nodeName)}
            hint={t(m.nodeNameHint)}
            {...form.getInputProps("name")}
            key={form.key("name")}
          />
          <SelectField
            label={t(m.location)}
            {...form.getInputProps("location_uuid")}
            key={`${form.key("location_uuid")}-${locations.data?.total ?? 0}`}
          >
            <option value="">–</option>
            {locations.data?.data.map((l) => (
              <option key={l.uuid} value={l.uuid}>
                {l.name}
              </option>
            ))}
          </SelectField>
          <div className="full">
            <TextField
              label={t(m.description)}
              optional
              {...form.getInputProps("description")}
              key={form.key("description")}
            />
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
            {...form.getInputProps("url")}
            key={form.key("url")}
          />
          <TextField
            label={t(m.nodePublicUrl)}
            hint={t(m.nodePublicUrlHint)}
            optional
            inputMode="url"
            autoCapitalize="none"
            spellCheck={false}
            {...form.getInputProps("public_url")}
            key={form.key("public_url")}
          />
          <TextField
            label={t(m.sftpPort)}
            inputMode="numeric"
            {...form.getInputProps("sftp_port")}
            key={form.key("sftp_port")}
          />
          <TextField
            label={t(m.sftpHost)}
            hint={t(m.sftpHostHint)}
            optional
            {...form.getInputProps("sftp_host")}
            key={form.key("sftp_host")}
          />
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
            {...form.getInputProps("memory")}
            key={form.key("memory")}
          />
          <TextField
            label={t(m.nodeDisk)}
            hint={t(m.zeroUnlimited)}
            unit="GiB"
            inputMode="decimal"
            {...form.getInputProps("disk")}
            key={form.key("disk")}
          />
          <Switch
            label={t(m.deployment)}
            {...form.getInputProps("deployment_enabled", { type: "checkbox" })}
            key={form.key("deployment_enabled")}
          />
          {node ? (
            <Switch
              label={t(m.maintenance)}
              hint={t(m.maintenanceHint)}
              {...form.getInputProps("maintenance_enabled", { type: "checkbox" })}
              key={form.key("maintenance_enabled")}
            />
          ) : null}
        </div>
      </section>
      <div className="row dialog-foot">
        {back}
        <Button type="submit" look="primary" busy={busy}>
          {submit}
        </Button>
      </div>
    </form>
  );
}
