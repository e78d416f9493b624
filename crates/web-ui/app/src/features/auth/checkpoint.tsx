import { IconAlertCircle } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { api, take } from "@/api/client";
import { asFailure } from "@/api/error";
import type { Account } from "@/api/queries";
import { useT } from "@/i18n";
import { Button } from "@/ui/button";
import { InlineFailure } from "@/ui/failure";
import { TextField } from "@/ui/field";
import { Icon } from "@/ui/icon";
import { Title, useTitle } from "@/ui/page";
import { m } from "./messages";
import { useCountdown } from "./use-countdown";

interface Props {
  /** What the password gave. */
  token: string;
  onDone: (user: Account) => Promise<void>;
  /** Back to the password; `expired` when there is no other way. */
  onBack: (expired: boolean) => void;
}

/** The second step of signing in. Six digits are sent as soon as they are there, typed or pasted. */
export function Checkpoint({ token, onDone, onBack }: Props) {
  const t = useT();
  const field = useRef<HTMLInputElement>(null);
  const [recovery, setRecovery] = useState(false);
  const [code, setCode] = useState("");
  const [empty, setEmpty] = useState(false);
  useTitle(t(m.codeTitle));
  const check = useMutation({
    mutationFn: (text: string) =>
      take(api.POST("/api/auth/login/checkpoint", { body: { code: text, confirmation_token: token } })),
    onSuccess: ({ user }) => onDone(user),
    onError: (error) => {
      const { fields } = asFailure(error);
      if (fields.confirmation_token) onBack(true);
      else {
        setCode("");
        field.current?.focus();
      }
    },
  });
  const failure = check.error ? asFailure(check.error) : null;
  const wrong = failure?.status === 400;
  const wait = useCountdown(failure?.status === 429 ? (failure.retryAfter ?? 30) : 0, failure);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another kind of code is typed into an empty field.
  useEffect(() => {
    setCode("");
    setEmpty(false);
    field.current?.focus();
  }, [recovery]);

  function send(text: string) {
    if (check.isPending || wait > 0) return;
    if (text === "") setEmpty(true);
    else check.mutate(text);
  }
  function type(text: string) {
    setEmpty(false);
    if (recovery) {
      setCode(text);
      return;
    }
    const digits = text.replace(/\D/g, "").slice(0, 6);
    setCode(digits);
    if (digits.length === 6 && digits !== code) send(digits);
  }
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    send(code.trim());
  }

  return (
    <form className="authbox" onSubmit={submit} noValidate>
      <div>
        <Title className="display">{t(m.codeTitle)}</Title>
        <p className="t2 lead">{t(recovery ? m.recoveryText : m.codeText)}</p>
      </div>
      {wait > 0 ? (
        <div className="alert-inline failed" role="alert">
          <Icon of={IconAlertCircle} />
          <p>{t(m.limited, { seconds: wait })}</p>
        </div>
      ) : failure && !wrong && failure.status !== 429 ? (
        <InlineFailure error={failure} />
      ) : null}
      <TextField
        label={t(recovery ? m.recoveryCode : m.code)}
        big
        mono
        inputMode={recovery ? "text" : "numeric"}
        autoComplete="one-time-code"
        autoCapitalize="none"
        spellCheck={false}
        value={code}
        ref={field}
        onChange={(event) => type(event.currentTarget.value)}
        error={empty ? t(m.codeNeeded) : wrong && code === "" ? t(m.codeWrong) : undefined}
      />
      <Button type="submit" look="primary" size="lg" full busy={check.isPending} disabled={wait > 0}>
        {t(m.submit)}
      </Button>
      <button type="button" className="link" onClick={() => setRecovery(!recovery)}>
        {t(recovery ? m.useApp : m.useRecovery)}
      </button>
      <button type="button" className="link" onClick={() => onBack(false)}>
        {t(m.back)}
      </button>
    </form>
  );
}
