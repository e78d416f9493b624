import { useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import * as v from "valibot";
import { type Account, accountQuery } from "@/api/queries";
import { useT } from "@/i18n";
import { Button } from "@/ui/button";
import { InlineFailure } from "@/ui/failure";
import { SelectField, Switch, TextField } from "@/ui/field";
import { useRecordForm } from "@/ui/record-form";
import { toast } from "@/ui/toasts";
import { m } from "./messages";
import { changeEmail, saveProfile } from "./requests";

/** Name, language and address of the own account. */
export default function ProfilePage() {
  const t = useT();
  const { data: account } = useSuspenseQuery(accountQuery);
  if (!account) return null;
  return (
    <div className="grid2">
      <div className="stack">
        {account.frozen ? <p className="sm t2">{t(m.frozen)}</p> : null}
        <Profile account={account} />
      </div>
      <Email account={account} />
    </div>
  );
}

function Profile({ account }: { account: Account }) {
  const t = useT();
  const client = useQueryClient();
  const named = v.pipe(
    v.string(),
    v.trim(),
    v.nonEmpty(t(m.needed)),
    v.maxLength(255, t(m.tooLong, { max: 255 })),
  );
  const form = useRecordForm({
    initial: {
      username: account.username,
      name_first: account.name_first,
      name_last: account.name_last,
      language: account.language,
      start_on_grouped_servers: account.start_on_grouped_servers,
    },
    checks: {
      username: v.pipe(
        v.string(),
        v.trim(),
        v.minLength(3, t(m.tooShort, { min: 3 })),
        v.maxLength(15, t(m.tooLong, { max: 15 })),
      ),
      name_first: named,
      name_last: named,
      language: v.string(),
      start_on_grouped_servers: v.boolean(),
    },
    send: (values) => saveProfile(values),
    done: async () => {
      toast(t(m.saved));
      await client.invalidateQueries({ queryKey: accountQuery.queryKey });
    },
  });
  const dirty = Object.entries(form.values).some(([name, value]) => account[name as keyof Account] !== value);
  return (
    <section className="card">
      <div className="hd">
        <h2>{t(m.who)}</h2>
      </div>
      <form className="bd stack" onSubmit={form.onSubmit} noValidate>
        {form.failure ? <InlineFailure error={form.failure} /> : null}
        <TextField
          label={t(m.username)}
          hint={t(m.usernameHint)}
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          {...form.field("username")}
        />
        <TextField label={t(m.nameFirst)} autoComplete="given-name" {...form.field("name_first")} />
        <TextField label={t(m.nameLast)} autoComplete="family-name" {...form.field("name_last")} />
        <SelectField label={t(m.language)} {...form.field("language")}>
          <option value="en">{t(m.english)}</option>
          <option value="de">{t(m.german)}</option>
        </SelectField>
        <Switch label={t(m.grouped)} {...form.toggle("start_on_grouped_servers")} />
        <div className="row dialog-foot">
          <Button type="submit" look="primary" busy={form.busy} disabled={!dirty || account.frozen}>
            {t(m.save)}
          </Button>
        </div>
      </form>
    </section>
  );
}

function Email({ account }: { account: Account }) {
  const t = useT();
  const client = useQueryClient();
  const form = useRecordForm({
    initial: { email: "", password: "" },
    checks: {
      email: v.pipe(v.string(), v.trim(), v.nonEmpty(t(m.needed))),
      password: v.pipe(v.string(), v.nonEmpty(t(m.needed))),
    },
    send: ({ email, password }) => changeEmail(email.trim(), password),
    done: async () => {
      toast(t(m.emailChanged));
      form.set("email", "");
      form.set("password", "");
      await client.invalidateQueries({ queryKey: accountQuery.queryKey });
    },
  });
  return (
    <section className="card">
      <div className="hd">
        <h2>{t(m.email)}</h2>
      </div>
      <form className="bd stack" onSubmit={form.onSubmit} noValidate>
        <p className="sm t2">
          <b className="breakable">{account.email}</b>
          <br />
          {t(m.emailText)}
        </p>
        {form.failure ? <InlineFailure error={form.failure} /> : null}
        <TextField label={t(m.newEmail)} type="email" autoComplete="email" {...form.field("email")} />
        <TextField
          label={t(m.password)}
          type="password"
          autoComplete="current-password"
          {...form.field("password")}
        />
        <div className="row dialog-foot">
          <Button type="submit" look="primary" busy={form.busy} disabled={account.frozen}>
            {t(m.changeEmail)}
          </Button>
        </div>
      </form>
    </section>
  );
}
