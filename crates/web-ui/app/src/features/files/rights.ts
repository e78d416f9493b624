import type { Server } from "@/api/queries";
import { can } from "@/features/servers/state";

/** What a person may do with the files of a server. */
export interface Rights {
  /** What is in files: to open, download and hash them. */
  read: boolean;
  create: boolean;
  update: boolean;
  delete: boolean;
  archive: boolean;
}

/** From the person's permissions; where nothing can be written, only reading is left. */
export function rightsOf(server: Pick<Server, "permissions">, writable: boolean): Rights {
  return {
    read: can(server, "files.read-content"),
    create: writable && can(server, "files.create"),
    update: writable && can(server, "files.update"),
    delete: writable && can(server, "files.delete"),
    archive: writable && can(server, "files.archive"),
  };
}
