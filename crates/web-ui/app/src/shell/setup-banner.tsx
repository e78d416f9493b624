import { useQuery } from "@tanstack/react-query";
import { setupQuery } from "@/api/queries";
import { useT } from "@/i18n";
import { ButtonLink } from "@/ui/button";
import { StateMark } from "@/ui/state-mark";
import { m } from "./messages";

/** Leads an operator back to a setup that was left half done. */
export function SetupBanner() {
  const t = useT();
  const { data } = useQuery(setupQuery);
  if (!data?.needed || data.step === "finished") return null;
  return (
    <div className="banner installing">
      <StateMark state="installing" word={t(m.setupLeft)} shapeOnly />
      <p>
        <b>{t(m.setupLeft)}</b> <span className="t2">{t(m.setupText)}</span>
      </p>
      <ButtonLink to="/setup" size="sm">
        {t(m.setupGo)}
      </ButtonLink>
    </div>
  );
}
