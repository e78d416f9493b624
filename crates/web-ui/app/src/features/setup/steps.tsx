import { schemaResolver, useForm } from "@mantine/form";
import { IconArrowLeft } from "@tabler/icons-react";
import { useMutation, useQueries, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import * as v from "valibot";
import { api, take } from "@/api/client";
import { asFailure } from "@/api/error";
import {
  accountQuery,
  eggsQuery,
  freeAllocationsQuery,
  locationsQuery,
  nestsQuery,
  nodeStatusQuery,
  nodesQuery,
  setupQuery,
} from "@/api/queries";
import { AllocationForm } from "@/features/admin/allocation-form";
import { email, password, text, username } from "@/features/admin/checks";
import { EggImport } from "@/features/admin/egg-import";
import { LocationForm } from "@/features/admin/location-form";
import { m as admin } from "@/features/admin/messages";
import { NodeCheck, NodeConfiguration } from "@/features/admin/node-connect";
import { NodeForm } from "@/features/admin/node-form";
import { ServerForm } from "@/features/admin/server-form";
import { StarterEggs } from "@/features/admin/starter-eggs";
import { useT } from "@/i18n";
import { Button } from "@/ui/button";
import { InlineFailure } from "@/ui/failure";
import { SkeletonCard } from "@/ui/feedback";
import { TextField } from "@/ui/field";
import { useSubmit } from "@/ui/forms";
import { toast, toastFailure } from "@/ui/toasts";
import { m } from "./messages";

interface StepProps {
  heading: (title: string, text: string) => ReactNode;
  next: () => Promise<void>;
  back?: () => void;
}

function Foot({ back, children }: { back?: (() => void) | undefined; children: ReactNode }) {
  return (
    <div className="row wizfoot">
      <BackButton back={back} />
      <span className="sp" />
      {children}
    </div>
  );
}

function BackButton({ back }: { back?: (() => void) | undefined }) {
  const t = useT();
  if (!back) return null;
  return (
    <Button look="quiet" icon={IconArrowLeft} onClick={back}>
      {t(m.back)}
    </Button>
  );
}

/** The first account; only who can read the panel's output knows the token. */
export function AccountStep({ heading, next, token }: StepProps & { token: string }) {
  const t = useT();
  const client = useQueryClient();
  const form = useForm({
    mode: "uncontrolled",
    initialValues: {
      setup_token: token,
      username: "",
      email: "",
      name_first: "",
      name_last: "",
      password: "",
    },
    validate: schemaResolver(
      v.object({
        setup_token: text(t, 512),
        username: username(t),
        email: email(t),
        name_first: text(t),
        name_last: text(t),
        password: password(t),
      }),
      { sync: true },
    ),
  });
  const { onSubmit, busy, failure } = useSubmit(
    form,
    (values) =>
      take(
        api.POST("/api/setup", {
          body: {
            setup_token: values.setup_token.trim(),
            username: values.username.trim(),
            email: values.email.trim(),
            name_first: values.name_first.trim(),
            name_last: values.name_last.trim(),
            password: values.password,
          },
        }),
      ),
    async (answer) => {
      if (answer.type === "completed") client.setQueryData(accountQuery.queryKey, answer.user);
      await next();
    },
  );
  return (
    <form className="stack g24 wizform" onSubmit={onSubmit} noValidate>
      {heading(t(m.account), t(m.accountText))}
      {failure ? <InlineFailure error={failure} /> : null}
      <TextField
        label={t(m.token)}
        hint={t(m.tokenHint)}
        mono
        autoFocus={token === ""}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        {...form.getInputProps("setup_token")}
        key={form.key("setup_token")}
      />
      <div className="formgrid">
        <TextField
          label={t(m.username)}
          autoFocus={token !== ""}
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          {...form.getInputProps("username")}
          key={form.key("username")}
        />
        <TextField
          label={t(m.email)}
          type="email"
          autoComplete="email"
          {...form.getInputProps("email")}
          key={form.key("email")}
        />
        <TextField
          label={t(m.firstName)}
          autoComplete="given-name"
          {...form.getInputProps("name_first")}
          key={form.key("name_first")}
        />
        <TextField
          label={t(m.lastName)}
          autoComplete="family-name"
          {...form.getInputProps("name_last")}
          key={form.key("name_last")}
        />
      </div>
      <TextField
        label={t(m.password)}
        type="password"
        autoComplete="new-password"
        hint={t(admin.passwordHint)}
        {...form.getInputProps("password")}
        key={form.key("password")}
      />
      <Foot>
        <Button type="submit" look="primary" busy={busy}>
          {t(m.createAccount)}
        </Button>
      </Foot>
    </form>
  );
}

/** What is there already, with the way on. */
function Existing({ text: words, next }: { text: string; next: () => Promise<void> }) {
  const t = useT();
  return (
    <div className="banner running">
      <p>{words}</p>
      <Button size="sm" onClick={() => void next()}>
        {t(m.next)}
      </Button>
    </div>
  );
}

export function LocationStep({ heading, next, back }: StepProps) {
  const t = useT();
  const client = useQueryClient();
  const { data } = useQuery(locationsQuery({ per_page: 100 }));
  return (
    <>
      {heading(t(m.location), t(m.locationText))}
      {data && data.total > 0 ? (
        <Existing
          text={t(m.haveLocations, { count: data.total, names: data.data.map((l) => l.name).join(", ") })}
          next={next}
        />
      ) : null}
      <LocationForm
        submit={t(m.createLocation)}
        back={<BackButton back={back} />}
        onDone={async () => {
          await client.invalidateQueries({ queryKey: ["locations"] });
          await next();
        }}
      />
    </>
  );
}

export function NodeStep({ heading, next, back }: StepProps) {
  const t = useT();
  const client = useQueryClient();
  const { data } = useQuery(nodesQuery({ per_page: 100 }));
  return (
    <>
      {heading(t(m.node), t(m.nodeText))}
      {data && data.total > 0 ? (
        <Existing
          text={t(m.haveNodes, { count: data.total, names: data.data.map((n) => n.name).join(", ") })}
          next={next}
        />
      ) : null}
      <NodeForm
        submit={t(m.createNode)}
        back={<BackButton back={back} />}
        onDone={async () => {
          await client.invalidateQueries({ queryKey: ["nodes"] });
          await next();
        }}
      />
    </>
  );
}

/** The node that the wizard is about: the newest one. */
function useNode() {
  const { data } = useQuery(nodesQuery({ per_page: 100 }));
  return [...(data?.data ?? [])].sort((a, b) => b.created.localeCompare(a.created))[0];
}

export function ConnectStep({ heading, next, back }: StepProps) {
  const t = useT();
  const node = useNode();
  const status = useQuery({ ...nodeStatusQuery(node?.uuid ?? "", 2_000), enabled: node !== undefined });
  if (!node) return <SkeletonCard lines={6} />;
  const ready = status.data?.reachable === true;
  return (
    <>
      {heading(t(m.connect), t(m.connectText, { name: node.name }))}
      <NodeConfiguration node={node.uuid} />
      <NodeCheck node={node.uuid} url={node.url} every={2_000} />
      <details className="sm t2">
        <summary>{t(m.connectHelp)}</summary>
        <ul className="notes">
          <li>{t(m.connectHelp1)}</li>
          <li>{t(m.connectHelp2)}</li>
          <li>{t(m.connectHelp3, { url: node.url })}</li>
        </ul>
      </details>
      <Foot back={back}>
        {ready ? null : (
          <Button look="quiet" onClick={() => void next()}>
            {t(m.skip)}
          </Button>
        )}
        <Button look="primary" disabled={!ready} onClick={() => void next()}>
          {t(ready ? m.next : m.whenConnected)}
        </Button>
      </Foot>
    </>
  );
}

export function AllocationsStep({ heading, next, back }: StepProps) {
  const t = useT();
  const node = useNode();
  const free = useQuery(freeAllocationsQuery(node?.uuid ?? ""));
  if (!node) return <SkeletonCard lines={5} />;
  const count = free.data?.total ?? 0;
  return (
    <>
      {heading(t(m.allocations), t(m.allocationsText, { name: node.name }))}
      <section className="card pad">
        <AllocationForm
          node={node.uuid}
          onDone={(added) => toast(t(admin.allocationsAdded, { count: added }))}
        />
      </section>
      {count > 0 ? (
        <p className="t2" role="status">
          {t(m.haveAddresses, { count, name: node.name })}
        </p>
      ) : null}
      <Foot back={back}>
        <Button look={count > 0 ? "primary" : "quiet"} onClick={() => void next()}>
          {t(count > 0 ? m.next : m.skip)}
        </Button>
      </Foot>
    </>
  );
}

export function EggsStep({ heading, next, back }: StepProps) {
  const t = useT();
  const nests = useQuery(nestsQuery);
  const lists = useQueries({ queries: (nests.data?.data ?? []).map((n) => eggsQuery(n.uuid)) });
  const count = lists.reduce((sum, l) => sum + (l.data?.total ?? 0), 0);
  return (
    <>
      {heading(t(m.eggs), t(m.eggsText))}
      <StarterEggs />
      <section className="card">
        <div className="hd">
          <h2>{t(m.eggsImport)}</h2>
        </div>
        <div className="bd">
          <EggImport />
        </div>
      </section>
      {count > 0 ? (
        <p className="t2" role="status">
          {t(m.haveEggs, { count })}
        </p>
      ) : null}
      <Foot back={back}>
        <Button look={count > 0 ? "primary" : "quiet"} onClick={() => void next()}>
          {t(count > 0 ? m.next : m.skip)}
        </Button>
      </Foot>
    </>
  );
}

export function ServerStep({ heading, next, back, created }: StepProps & { created: (id: string) => void }) {
  const t = useT();
  const node = useNode();
  return (
    <>
      {heading(t(m.server), t(m.serverText, { name: node?.name ?? "…" }))}
      <ServerForm
        short
        onDone={(server) => created(server.uuid_short)}
        back={
          <>
            <BackButton back={back} />
            <span className="sp" />
            <Button look="quiet" onClick={() => void next()}>
              {t(m.skip)}
            </Button>
          </>
        }
      />
    </>
  );
}

/** The end: marks the setup as finished when it is left. */
export function DoneStep({ heading, server }: { heading: StepProps["heading"]; server: string | null }) {
  const t = useT();
  const client = useQueryClient();
  const navigate = useNavigate();
  const finish = useMutation({
    mutationFn: (_: "server" | "list") => take(api.POST("/api/setup/finish")),
    onSuccess: async (_, where) => {
      await client.refetchQueries({ queryKey: setupQuery.queryKey });
      if (where === "server" && server) await navigate({ to: "/server/$server", params: { server } });
      else await navigate({ to: "/" });
    },
    onError: (error) => toastFailure(t(m.finishFailed), asFailure(error)),
  });
  return (
    <>
      {heading(t(m.done), t(server ? m.doneText : m.doneEmpty))}
      <div className="row wrap">
        {server ? (
          <Button look="primary" busy={finish.isPending} onClick={() => finish.mutate("server")}>
            {t(m.openConsole)}
          </Button>
        ) : null}
        <Button
          {...(server ? {} : { look: "primary" })}
          busy={finish.isPending && !server}
          onClick={() => finish.mutate("list")}
        >
          {t(m.toServers)}
        </Button>
      </div>
    </>
  );
}
