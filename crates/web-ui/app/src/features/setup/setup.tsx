import { IconCheck } from "@tabler/icons-react";
import { useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { setupQuery } from "@/api/queries";
import { type Message, useT } from "@/i18n";
import { settingsName } from "@/shell/panel-name";
import { Icon } from "@/ui/icon";
import { Logo } from "@/ui/logo";
import { Title, useTitle } from "@/ui/page";
import { m } from "./messages";
import {
  AccountStep,
  AllocationsStep,
  ConnectStep,
  DoneStep,
  EggsStep,
  LocationStep,
  NodeStep,
  ServerStep,
} from "./steps";

const steps = ["account", "location", "node", "connect", "allocations", "eggs", "server", "done"] as const;
export type Step = (typeof steps)[number];

const names: Record<Step, Message> = {
  account: m.account,
  location: m.location,
  node: m.node,
  connect: m.connect,
  allocations: m.allocations,
  eggs: m.eggs,
  server: m.server,
  done: m.done,
};

/** The furthest step that the panel knows of. */
function reached(step: string): Step {
  // A node that was made may still have to be connected; the panel counts both as one step.
  if (step === "allocations") return "connect";
  return steps.find((s) => s === step) ?? "done";
}

/** From an empty database to the first server, in steps that can be left and taken up again. */
export default function Setup() {
  const t = useT();
  const client = useQueryClient();
  const navigate = useNavigate({ from: "/setup" });
  const { step: asked, token } = useSearch({ from: "/setup" });
  const { data: setup } = useSuspenseQuery(setupQuery);
  const [server, setServer] = useState<string | null>(null);
  const furthest = reached(setup.step);
  const wanted = steps.find((s) => s === asked);
  const current: Step =
    setup.step === "account" ? "account" : wanted && wanted !== "account" ? wanted : furthest;
  const index = steps.indexOf(current);
  const first = useRef(true);
  useTitle(t(names[current]));

  // biome-ignore lint/correctness/useExhaustiveDependencies: the new step's heading takes the focus.
  useEffect(() => {
    if (first.current) first.current = false;
    else document.querySelector<HTMLElement>("[data-page-title]")?.focus();
    window.scrollTo(0, 0);
  }, [current]);

  async function go(step: Step) {
    await client.refetchQueries({ queryKey: setupQuery.queryKey });
    await navigate({ search: { step } });
  }
  const next = () => go(steps[index + 1] ?? "done");
  const back =
    index > 1 ? () => void navigate({ search: { step: steps[index - 1] ?? "location" } }) : undefined;
  const props = { next, ...(back ? { back } : {}) };

  return (
    <div className="wiz">
      <aside className="wizside" aria-label={t(m.steps)}>
        <div className="brand flush">
          <Logo />
          {settingsName()}
        </div>
        <div className="only-m">
          <div className="stack g8">
            <div className="row">
              <span className="sm t2">{t(m.step, { n: index + 1, total: steps.length })}</span>
              <span className="sp" />
              {current === "account" ? null : <LeaveLink />}
            </div>
            <div className="bar h6" aria-hidden="true">
              <i style={{ width: `${((index + 1) / steps.length) * 100}%` }} />
            </div>
          </div>
        </div>
        <ol className="stepper hide-m">
          {steps.map((step, i) => (
            <li
              key={step}
              aria-current={step === current ? "step" : undefined}
              className={i < index ? "done" : undefined}
            >
              <span className="dot">{i < index ? <Icon of={IconCheck} size="s" /> : i + 1}</span>
              <span>{t(names[step])}</span>
            </li>
          ))}
        </ol>
        <span className="sp" />
        {current === "account" ? null : (
          <div className="hide-m stack g8">
            <p className="sm t3">{t(m.later)}</p>
            <LeaveLink />
          </div>
        )}
      </aside>
      <main className="page wizpage" id="main">
        {current === "account" ? (
          <AccountStep heading={heading} token={token ?? ""} next={() => go("location")} />
        ) : current === "location" ? (
          <LocationStep heading={heading} {...props} />
        ) : current === "node" ? (
          <NodeStep heading={heading} {...props} />
        ) : current === "connect" ? (
          <ConnectStep heading={heading} {...props} />
        ) : current === "allocations" ? (
          <AllocationsStep heading={heading} {...props} />
        ) : current === "eggs" ? (
          <EggsStep heading={heading} {...props} />
        ) : current === "server" ? (
          <ServerStep
            heading={heading}
            {...props}
            created={(id) => {
              setServer(id);
              void next();
            }}
          />
        ) : (
          <DoneStep heading={heading} server={server} />
        )}
      </main>
    </div>
  );
}

function LeaveLink() {
  const t = useT();
  return (
    <Link className="sm inline-link" to="/admin">
      {t(m.leave)}
    </Link>
  );
}

function heading(title: string, text: string) {
  return (
    <div>
      <Title className="display">{title}</Title>
      <p className="t2 lead">{text}</p>
    </div>
  );
}
