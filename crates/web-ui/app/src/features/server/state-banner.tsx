import type { Server } from "@/api/queries";
import { m } from "@/features/console/messages";
import { useT } from "@/i18n";
import { type ServerState, StateMark } from "@/ui/state-mark";

/** What a server's state means for its page, where that is more than its name says. */
export function StateBanner({ server, state }: { server: Server; state: ServerState | undefined }) {
  const t = useT();
  const { name, node_name: node } = server;
  const texts: Partial<Record<ServerState, [string, string]>> = {
    installing: [t(m.installingTitle, { name }), t(m.installingText)],
    failed: [t(m.failedTitle), t(m.failedText)],
    suspended: [t(m.suspendedTitle, { name }), t(m.suspendedText)],
    unreachable: [t(m.unreachableTitle, { node }), t(m.unreachableText)],
    transferring: [t(m.transferTitle, { name }), t(m.transferText)],
  };
  const text = state ? texts[state] : undefined;
  if (!state || !text) return null;
  return (
    <div className={`banner ${state}`}>
      <StateMark state={state} shapeOnly />
      <p>
        <b>{text[0]}</b> <span className="t2">{text[1]}</span>
      </p>
    </div>
  );
}
