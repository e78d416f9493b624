import { type ErrorComponentProps, useRouter } from "@tanstack/react-router";
import { useT } from "@/i18n";
import { ButtonLink } from "@/ui/button";
import { ErrorCard } from "@/ui/failure";
import { EmptyWire } from "@/ui/feedback";
import { Title, useTitle } from "@/ui/page";
import { m } from "./messages";

/** For addresses that lead nowhere. */
export function NotFoundPage() {
  const t = useT();
  useTitle(t(m.notFound));
  return (
    <main className="page narrow" id="main">
      <Title>{t(m.notFound)}</Title>
      <EmptyWire title={t(m.nothingHere)} text={t(m.notFoundText)}>
        <ButtonLink to="/" look="primary">
          {t(m.toServers)}
        </ButtonLink>
      </EmptyWire>
    </main>
  );
}

/** Stands in for a page whose code or data failed. */
export function CrashPage({ error, reset }: ErrorComponentProps) {
  const t = useT();
  const router = useRouter();
  return (
    <main className="page narrow" id="main">
      <Title>{t(m.crashed)}</Title>
      <ErrorCard
        title={t(m.crashed)}
        error={error}
        retry={() => {
          reset();
          void router.invalidate();
        }}
      />
    </main>
  );
}
