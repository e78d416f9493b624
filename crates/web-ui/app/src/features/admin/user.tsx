import { IconTrash } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import * as v from "valibot";
import { api, take } from "@/api/client";
import { accountQuery, rolesQuery, type User, userQuery } from "@/api/queries";
import { useT } from "@/i18n";
import { TopBar } from "@/shell/top-bar";
import { Button, ButtonLink } from "@/ui/button";
import { Confirm } from "@/ui/dialog";
import { ErrorCard } from "@/ui/failure";
import { SkeletonCard } from "@/ui/feedback";
import { SelectField, Switch, TextField } from "@/ui/field";
import { useTitle } from "@/ui/page";
import { RecordFrame, useRecordForm } from "@/ui/record-form";
import { toast } from "@/ui/toasts";
import { email, password, text, username } from "./checks";
import { m } from "./messages";

/** A new account. */
export function NewUserPage() {
  const t = useT();
  const client = useQueryClient();
  const navigate = useNavigate();
  useTitle(t(m.newUser));
  return (
    <>
      <TopBar title={t(m.newUser)} parent={{ label: t(m.users), to: "/admin/users" }} />
      <main className="page narrow" id="main">
        <UserForm
          submit={t(m.createUser)}
          back={<ButtonLink to="/admin/users">{t(m.cancel)}</ButtonLink>}
          onDone={async (name) => {
            toast(t(m.userCreated, { name }));
            await client.invalidateQueries({ queryKey: ["users"] });
            await navigate({ to: "/admin/users" });
          }}
        />
      </main>
    </>
  );
}

/** One account: who it is, what it may do, and its end. */
export function UserPage() {
  const t = useT();
  const client = useQueryClient();
  const { user: id } = useParams({ from: "/signed-in/admin/admin/users/$user" });
  const user = useQuery(userQuery(id));
  useTitle(user.data?.username ?? t(m.users));
  return (
    <>
      <TopBar title={user.data?.username ?? "…"} parent={{ label: t(m.users), to: "/admin/users" }} />
      <main className="page narrow" id="main">
        {user.isError ? (
          <ErrorCard title={t(m.loadOneFailed)} error={user.error} retry={() => void user.refetch()} />
        ) : !user.data ? (
          <SkeletonCard lines={5} />
        ) : (
          <>
            <UserForm
              key={user.data.uuid}
              user={user.data}
              submit={t(m.save)}
              onDone={async () => {
                toast(t(m.saved));
                await client.invalidateQueries({ queryKey: ["users"] });
                await client.invalidateQueries({ queryKey: accountQuery.queryKey });
              }}
            />
            <DeleteUser user={user.data} />
          </>
        )}
      </main>
    </>
  );
}

interface FormProps {
  user?: User;
  submit: string;
  back?: ReactNode;
  onDone: (name: string) => void | Promise<void>;
}

function UserForm({ user, submit, back, onDone }: FormProps) {
  const t = useT();
  const { data: me } = useSuspenseQuery(accountQuery);
  const roles = useQuery(rolesQuery);
  const self = user !== undefined && user.uuid === me?.uuid;
  const form = useRecordForm({
    initial: {
      username: user?.username ?? "",
      email: user?.email ?? "",
      name_first: user?.name_first ?? "",
      name_last: user?.name_last ?? "",
      password: "",
      role_uuid: user?.role?.uuid ?? "",
      admin: user?.admin ?? false,
      suspended: user?.suspended ?? false,
    },
    checks: {
      username: username(t),
      email: email(t),
      name_first: text(t),
      name_last: text(t),
      password: user ? v.union([v.literal(""), password(t)], t(m.passwordShort)) : password(t),
      role_uuid: v.string(),
      admin: v.boolean(),
      suspended: v.boolean(),
    },
    send: async (values) => {
      const body = {
        username: values.username.trim(),
        email: values.email.trim(),
        name_first: values.name_first.trim(),
        name_last: values.name_last.trim(),
        role_uuid: values.role_uuid || null,
        admin: values.admin,
        suspended: values.suspended,
      };
      const secret = values.password === "" ? {} : { password: values.password };
      if (user)
        await take(
          api.PATCH("/api/admin/users/{user}", {
            params: { path: { user: user.uuid } },
            body: { ...body, ...secret },
          }),
        );
      else await take(api.POST("/api/admin/users", { body: { ...body, ...secret, language: "en" } }));
    },
    done: (_, values) => onDone(values.username.trim()),
  });
  return (
    <RecordFrame form={form} submit={submit} back={back}>
      <section className="card">
        <div className="hd">
          <h2>{t(m.account)}</h2>
        </div>
        <div className="bd formgrid">
          <TextField
            label={t(m.username)}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            {...form.field("username")}
          />
          <TextField label={t(m.email)} type="email" autoComplete="off" {...form.field("email")} />
          <TextField label={t(m.firstName)} autoComplete="off" {...form.field("name_first")} />
          <TextField label={t(m.lastName)} autoComplete="off" {...form.field("name_last")} />
          <TextField
            label={t(m.password)}
            type="password"
            autoComplete="new-password"
            hint={user ? t(m.passwordKeep) : t(m.passwordHint)}
            {...form.field("password")}
          />
        </div>
      </section>
      <section className="card">
        <div className="hd">
          <h2>{t(m.rights)}</h2>
        </div>
        <div className="bd formgrid">
          <Switch
            label={t(m.administrator)}
            hint={t(m.administratorHint)}
            disabled={self}
            {...form.toggle("admin")}
          />
          {roles.data && roles.data.total > 0 ? (
            <SelectField label={t(m.role)} {...form.field("role_uuid")}>
              <option value="">{t(m.roleNone)}</option>
              {roles.data.data.map((r) => (
                <option key={r.uuid} value={r.uuid}>
                  {r.name}
                </option>
              ))}
            </SelectField>
          ) : null}
          {user && !self ? (
            <Switch label={t(m.suspendedUser)} hint={t(m.suspendedUserHint)} {...form.toggle("suspended")} />
          ) : null}
        </div>
      </section>
    </RecordFrame>
  );
}

function DeleteUser({ user }: { user: User }) {
  const t = useT();
  const client = useQueryClient();
  const navigate = useNavigate();
  const { data: me } = useSuspenseQuery(accountQuery);
  const [asking, setAsking] = useState(false);
  const remove = useMutation({
    mutationFn: () => take(api.DELETE("/api/admin/users/{user}", { params: { path: { user: user.uuid } } })),
    onSuccess: async () => {
      toast(t(m.userDeleted, { name: user.username }));
      await navigate({ to: "/admin/users" });
      await client.invalidateQueries({ queryKey: ["users"] });
    },
  });
  if (user.uuid === me?.uuid) return null;
  return (
    <section className="card pad stack g12">
      <h2>{t(m.userDelete)}</h2>
      <p className="sm t2">{t(m.userDeleteText)}</p>
      <div>
        <Button look="danger" size="sm" icon={IconTrash} onClick={() => setAsking(true)}>
          {t(m.userDeleteAct)}
        </Button>
      </div>
      <Confirm
        title={t(m.userDeleteAsk, { name: user.username })}
        text={t(m.userDeleteLost)}
        name={user.username}
        keep={t(m.userKeep)}
        act={t(m.userDeleteAct)}
        open={asking}
        busy={remove.isPending}
        error={remove.error}
        onClose={() => {
          setAsking(false);
          remove.reset();
        }}
        onConfirm={() => remove.mutate()}
      />
    </section>
  );
}
