import { useForm } from "@mantine/form";
import { IconAlertCircle } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useRouter, useSearch } from "@tanstack/react-router";
import { type FormEvent, useRef, useState } from "react";
import { api, take } from "@/api/client";
import { dropToken } from "@/api/consistency";
import { asFailure } from "@/api/error";
import { type Account, accountQuery, setupQuery } from "@/api/queries";
import { useT } from "@/i18n";
import { settingsName } from "@/shell/panel-name";
import { Button } from "@/ui/button";
import { InlineFailure } from "@/ui/failure";
import { TextField } from "@/ui/field";
import { focusFirstProblem } from "@/ui/forms";
import { Icon } from "@/ui/icon";
import { Logo } from "@/ui/logo";
import { Title, useTitle } from "@/ui/page";
import { Checkpoint } from "./checkpoint";
import { m } from "./messages";
import { Scene } from "./scene";
import { useCountdown } from "./use-countdown";

/** Name and password on one page, so that password managers fill both. */
export default function SignIn() {
  const t = useT();
  const router = useRouter();
  const navigate = useNavigate();
  const client = useQueryClient();
  const { to, expired } = useSearch({ from: "/auth/login" });
  const passwordField = useRef<HTMLInputElement>(null);
  /** What goes with the second factor, after the password was right. */
  const [waiting, setWaiting] = useState<string | null>(null);
  const [over, setOver] = useState(false);
  useTitle(t(m.title));

  const form = useForm({
    mode: "uncontrolled",
    initialValues: { user: "", password: "" },
    validate: {
      user: (value: string) => (value.trim() === "" ? t(m.userNeeded) : null),
      password: (value: string) => (value === "" ? t(m.passwordNeeded) : null),
    },
  });
  async function enter(user: Account) {
    dropToken();
    client.clear();
    client.setQueryData(accountQuery.queryKey, user);
    const setup = await client.fetchQuery(setupQuery).catch(() => null);
    if (user.admin && setup?.needed && setup.step !== "finished") await navigate({ to: "/setup" });
    else router.history.push(to ?? "/");
  }
  const signIn = useMutation({
    mutationFn: (body: { user: string; password: string }) => take(api.POST("/api/auth/login", { body })),
    onSuccess: async (answer) => {
      if (answer.type === "completed") await enter(answer.user);
      else setWaiting(answer.token);
    },
    onError: () => passwordField.current?.focus(),
  });
  const failure = signIn.error ? asFailure(signIn.error) : null;
  const wrong = failure !== null && (failure.status === 400 || failure.status === 401);
  const wait = useCountdown(failure?.status === 429 ? (failure.retryAfter ?? 30) : 0, failure);

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    if (signIn.isPending || wait > 0) return;
    setOver(false);
    if (form.validate().hasErrors) focusFirstProblem(event.currentTarget);
    else {
      const { user, password } = form.getValues();
      signIn.mutate({ user: user.trim(), password });
    }
  }

  return (
    <div className="split">
      <main className="authcol" id="main">
        <div className="brand flush">
          <Logo />
          {settingsName()}
        </div>
        {waiting !== null ? (
          <Checkpoint
            token={waiting}
            onDone={enter}
            onBack={(expired) => {
              setOver(expired);
              setWaiting(null);
              signIn.reset();
            }}
          />
        ) : (
          <form className="authbox" onSubmit={submit} noValidate>
            <div>
              <Title className="display">{t(m.title)}</Title>
              <p className="t2 lead">{t(m.to, { name: settingsName() })}</p>
            </div>
            {expired ? (
              <div className="alert-inline installing" role="status">
                <Icon of={IconAlertCircle} />
                <p>{t(m.expired)}</p>
              </div>
            ) : null}
            {wait > 0 ? (
              <div className="alert-inline failed" role="alert">
                <Icon of={IconAlertCircle} />
                <p>{t(m.limited, { seconds: wait })}</p>
              </div>
            ) : failure && !wrong && failure.status !== 429 ? (
              <InlineFailure error={failure} />
            ) : null}
            {over ? (
              <div className="alert-inline failed" role="alert">
                <Icon of={IconAlertCircle} />
                <p>{t(m.codeOver)}</p>
              </div>
            ) : null}
            <TextField
              label={t(m.user)}
              big
              autoFocus
              autoComplete="username"
              autoCapitalize="none"
              spellCheck={false}
              {...form.getInputProps("user")}
              key={form.key("user")}
            />
            <TextField
              label={t(m.password)}
              big
              type="password"
              autoComplete="current-password"
              {...form.getInputProps("password")}
              key={form.key("password")}
              ref={passwordField}
              error={form.errors.password ?? (wrong ? t(m.wrong) : undefined)}
            />
            <Button type="submit" look="primary" size="lg" full busy={signIn.isPending} disabled={wait > 0}>
              {t(m.submit)}
            </Button>
            <p className="sm t3">{t(m.forgotten)}</p>
          </form>
        )}
        <span />
      </main>
      <Scene />
    </div>
  );
}
