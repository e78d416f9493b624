import { IconAlertCircle, IconPlugX, IconRefresh } from "@tabler/icons-react";
import { type ApiFailure, asFailure } from "@/api/error";
import { messages, type Translate, useT } from "@/i18n";
import { Button } from "./button";
import { CopyButton } from "./copy";
import { Icon } from "./icon";

export const m = messages("failure", {
  offline: "The panel did not answer. Check the connection and try again.",
  denied: "Your account lacks the permission for this.",
  missing: "This does not exist, or you may not see it.",
  limited: "Too many attempts. Try again in {seconds} s.",
  busy: "The panel can't do this right now. Try again in a moment.",
  other: "The panel answered with an error ({status}).",
  request: "Request",
  retry: "Try again",
  rest: "The rest of the page works.",
});

/** One or two sentences that say what went wrong. The server's own words come first. */
export function failureText(t: Translate, failure: ApiFailure): string {
  if (failure.status === 0) return t(m.offline);
  if (failure.status === 429 && failure.retryAfter !== undefined)
    return t(m.limited, { seconds: failure.retryAfter });
  if (failure.errors.length > 0) return failure.errors.map(sentence).join(" ");
  if (failure.status === 403) return t(m.denied);
  if (failure.status === 404) return t(m.missing);
  if (failure.status === 503) return t(m.busy);
  return t(m.other, { status: failure.status });
}

/** Server messages are written for logs and scripts; here they stand as sentences. */
export function sentence(text: string): string {
  const trimmed = text.trim();
  const first = trimmed.charAt(0).toUpperCase() + trimmed.slice(1);
  return /[.!?]$/.test(first) ? first : `${first}.`;
}

export function RequestId({ failure }: { failure: ApiFailure }) {
  const t = useT();
  if (!failure.requestId) return null;
  return (
    <div className="xs t3 request">
      {t(m.request)} <span className="mono">{failure.requestId}</span> <CopyButton text={failure.requestId} />
    </div>
  );
}

interface CardProps {
  title: string;
  error: unknown;
  retry?: () => void;
}

/** Stands where a widget's content could not be loaded. */
export function ErrorCard({ title, error, retry }: CardProps) {
  const t = useT();
  const failure = asFailure(error);
  return (
    <section className="card pad stack g8" role="alert">
      <div className="row st failed">
        <Icon of={IconPlugX} />
        {title}
      </div>
      <p className="sm t2">{failureText(t, failure)}</p>
      <RequestId failure={failure} />
      {retry ? (
        <div>
          <Button size="sm" icon={IconRefresh} onClick={retry}>
            {t(m.retry)}
          </Button>
        </div>
      ) : null}
    </section>
  );
}

/** A refusal inside a form or dialog. */
export function InlineFailure({ error }: { error: unknown }) {
  const t = useT();
  const failure = asFailure(error);
  return (
    <div className="alert-inline failed" role="alert">
      <Icon of={IconAlertCircle} />
      <div>
        <p>{failureText(t, failure)}</p>
        <RequestId failure={failure} />
      </div>
    </div>
  );
}
