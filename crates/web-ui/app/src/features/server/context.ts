import { createContext, useContext } from "react";
import type { Server } from "@/api/queries";
import type { Session } from "@/features/console/session";
import type { ServerState } from "@/ui/state-mark";

/** What all pages of one server know of it. */
export interface ServerFacts {
  server: Server;
  /** Undefined while nobody knows it. */
  state: ServerState | undefined;
  session: Session;
}

export const ServerContext = createContext<ServerFacts | null>(null);

/** The server whose page this is. Only below the frame of a server's pages. */
export function useServer(): ServerFacts {
  const facts = useContext(ServerContext);
  if (!facts) throw new Error("There is no server around this part of the page");
  return facts;
}
