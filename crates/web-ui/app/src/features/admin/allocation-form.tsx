import { schemaResolver, useForm } from "@mantine/form";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import * as v from "valibot";
import { api, take } from "@/api/client";
import { useT } from "@/i18n";
import { parsePorts } from "@/lib/ports";
import { Button } from "@/ui/button";
import { InlineFailure } from "@/ui/failure";
import { TextField } from "@/ui/field";
import { useSubmit } from "@/ui/forms";
import { ip, optionalText, portsText } from "./checks";
import { m } from "./messages";

interface Props {
  node: string;
  onDone: (created: number) => void;
}

/** Adds addresses to a node: one IP address with single ports and ranges. */
export function AllocationForm({ node, onDone }: Props) {
  const t = useT();
  const client = useQueryClient();
  const [count, setCount] = useState(0);
  const form = useForm({
    mode: "uncontrolled",
    initialValues: { ip: "", ip_alias: "", ports: "" },
    validate: schemaResolver(
      v.object({
        ip: ip(t),
        ip_alias: optionalText(t),
        ports: v.pipe(
          v.string(),
          v.rawCheck(({ dataset, addIssue }) => {
            if (!dataset.typed) return;
            const parsed = parsePorts(dataset.value);
            if (!parsed.ok) addIssue({ message: portsText(t, parsed) });
          }),
        ),
      }),
      { sync: true },
    ),
    onValuesChange: ({ ports }) => {
      const parsed = parsePorts(ports);
      setCount(parsed.ok ? parsed.ports.length : 0);
    },
  });
  const { onSubmit, busy, failure } = useSubmit(
    form,
    async (values) => {
      const parsed = parsePorts(values.ports);
      const { created } = await take(
        api.POST("/api/admin/nodes/{node}/allocations", {
          params: { path: { node } },
          body: {
            ip: values.ip.trim(),
            ip_alias: values.ip_alias.trim() || null,
            ports: parsed.ok ? parsed.ports : [],
          },
        }),
      );
      return created;
    },
    async (created) => {
      form.setFieldValue("ports", "");
      await client.invalidateQueries({ queryKey: ["nodes", "allocations", node] });
      onDone(created);
    },
  );
  return (
    <form className="stack" onSubmit={onSubmit} noValidate>
      {failure ? <InlineFailure error={failure} /> : null}
      <div className="allocs">
        <TextField
          label={t(m.ip)}
          hint={t(m.ipHint)}
          mono
          spellCheck={false}
          autoCapitalize="none"
          {...form.getInputProps("ip")}
          key={form.key("ip")}
        />
        <TextField
          label={t(m.ports)}
          hint={count > 0 ? t(m.portsCount, { count }) : t(m.portsHint)}
          mono
          spellCheck={false}
          {...form.getInputProps("ports")}
          key={form.key("ports")}
        />
        <TextField
          label={t(m.alias)}
          hint={t(m.aliasHint)}
          optional
          spellCheck={false}
          autoCapitalize="none"
          {...form.getInputProps("ip_alias")}
          key={form.key("ip_alias")}
        />
      </div>
      <div className="row dialog-foot">
        <Button type="submit" look="primary" busy={busy}>
          {t(m.addAllocations)}
        </Button>
      </div>
    </form>
  );
}
