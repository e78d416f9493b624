import { useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import * as v from "valibot";
import { accountQuery } from "@/api/queries";
import { useT } from "@/i18n";
import { Button } from "@/ui/button";
import { InlineFailure } from "@/ui/failure";
import { TextField } from "@/ui/field";
import { useRecordForm } from "@/ui/record-form";
import { toast } from "@/ui/toasts";
import { m } from "./messages";
import { changePassword } from "./requests";
import { Sessions } from "./sessions";
import { TwoFactor } from "./two-factor";

/** What keeps others out of the account. */
export default function SecurityPage() {
  const { data: account } = useSuspenseQuery(accountQuery);
  if (!account) return null;
  return (
    <div className="stack">
      <div className="grid2">
        <Password fixed={account.frozen} />
        <TwoFactor account={account} />
      </div>
      <Sessions />
    </div>
  );
}

function Password({ fixed }: { fixed: boolean }) {
  const t = useT();
  const client = useQueryClient();
  const form = useRecordForm({
    initial: { password: "", new_password: "" },
    checks: {
      password: v.pipe(v.string(), v.nonEmpty(t(m.needed))),
      new_password: v.pipe(
        v.string(),
        v.minLength(8, t(m.tooShort, { min: 8 })),
        v.maxLength(512, t(m.tooLong, { max: 512 })),
      ),
    },
    send: ({ password, new_password }) => changePassword(password, new_password),
    done: async () => {
      toast(t(m.passwordChanged), t(m.passwordChangedText));
      form.set("password", "");
      form.set("new_password", "");
      await client.invalidateQueries({ queryKey: ["account-sessions"] });
    },
  });
  return (
    <section className="card">
      <div className="hd">
        <h2>{t(m.passwordTitle)}</h2>
      </div>
      <form className="bd stack" onSubmit={form.onSubmit} noValidate>
        {form.failure ? <InlineFailure error={form.failure} /> : null}
        <TextField
          label={t(m.password)}
          type="password"
          autoComplete="current-password"
          {...form.field("password")}
        />
        <TextField
          label={t(m.newPassword)}
          hint={t(m.newPasswordHint)}
          type="password"
          autoComplete="new-password"
          {...form.field("new_password")}
        />
        <p className="sm t3">{t(m.passwordText)}</p>
        <div className="row dialog-foot">
          <Button type="submit" look="primary" busy={form.busy} disabled={fixed}>
            {t(m.changePassword)}
          </Button>
        </div>
      </form>
    </section>
  );
}
