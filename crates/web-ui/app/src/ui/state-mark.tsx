import type { ReactNode } from "react";
import { messages, useT } from "@/i18n";

/** The nine states a server can be in, each with its own silhouette. */
export type ServerState =
  | "running"
  | "starting"
  | "stopping"
  | "offline"
  | "installing"
  | "transferring"
  | "suspended"
  | "unreachable"
  | "failed";

export const stateNames = messages("state", {
  running: "Running",
  starting: "Starting",
  stopping: "Stopping",
  offline: "Offline",
  installing: "Installing",
  transferring: "Transferring",
  suspended: "Suspended",
  unreachable: "Node unreachable",
  failed: "Failed",
  healthy: "Healthy",
  unknown: "Not seen yet",
});

const shapes: Record<ServerState, ReactNode> = {
  running: <circle cx="8" cy="8" r="5.5" fill="currentColor" />,
  starting: (
    <path
      d="M8 2.6 14 13H2z"
      fill="currentColor"
      stroke="currentColor"
      strokeWidth="1.4"
      strokeLinejoin="round"
    />
  ),
  stopping: (
    <path
      d="M8 13.4 2 3h12z"
      fill="currentColor"
      stroke="currentColor"
      strokeWidth="1.4"
      strokeLinejoin="round"
    />
  ),
  offline: <circle cx="8" cy="8" r="4.6" fill="none" stroke="currentColor" strokeWidth="2" />,
  installing: (
    <path
      d="M8 1.8v7.4M4.4 6 8 9.6 11.6 6M2.6 13.6h10.8"
      fill="none"
      stroke="currentColor"
      strokeWidth="2.1"
      strokeLinecap="round"
      strokeLinejoin="round"
    />
  ),
  transferring: (
    <path
      d="M2 5.2h10.6M9.8 2.4l2.8 2.8L9.8 8M14 11H3.4M6.2 8.2 3.4 11l2.8 2.8"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.8"
      strokeLinecap="round"
      strokeLinejoin="round"
    />
  ),
  suspended: (
    <>
      <rect x="3.2" y="2.6" width="3.4" height="10.8" rx="1.1" fill="currentColor" />
      <rect x="9.4" y="2.6" width="3.4" height="10.8" rx="1.1" fill="currentColor" />
    </>
  ),
  unreachable: (
    <>
      <circle
        cx="8"
        cy="8"
        r="5.4"
        fill="none"
        stroke="currentColor"
        strokeWidth="2"
        strokeDasharray="3.1 2.55"
      />
      <path d="M2.4 13.6 13.6 2.4" stroke="currentColor" strokeWidth="2" strokeLinecap="round" />
    </>
  ),
  failed: (
    <>
      <path
        d="M8 .9 15.1 8 8 15.1.9 8z"
        fill="currentColor"
        stroke="currentColor"
        strokeWidth="1"
        strokeLinejoin="round"
      />
      <path d="M8 4.3v4.2M8 11.1v.2" stroke="var(--surface)" strokeWidth="1.9" strokeLinecap="round" />
    </>
  ),
};

interface Props {
  state: ServerState;
  pill?: boolean;
  /** Another word than the state's own, such as "Healthy". */
  word?: string;
  /** The shape alone; the word stays for screen readers. */
  shapeOnly?: boolean;
}

/** A state: shape and word, never colour alone. */
export function StateMark({ state, pill, word, shapeOnly }: Props) {
  const t = useT();
  const text = word ?? t(stateNames[state]);
  return (
    <span className={`st ${state}${pill ? " pill" : ""}`}>
      <svg viewBox="0 0 16 16" aria-hidden="true">
        {shapes[state]}
      </svg>
      <span className={shapeOnly ? "vh" : undefined}>{text}</span>
    </span>
  );
}
