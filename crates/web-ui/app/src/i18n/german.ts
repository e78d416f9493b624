import { account } from "@/features/account/messages.de";
import { activity, events } from "@/features/activity/messages.de";
import { auth } from "@/features/auth/messages.de";
import { backups } from "@/features/backups/messages.de";
import { console } from "@/features/console/messages.de";
import { files } from "@/features/files/messages.de";
import { mounts } from "@/features/mounts/messages.de";
import { network } from "@/features/network/messages.de";
import { permissions } from "@/features/permissions/messages.de";
import { schedules } from "@/features/schedules/messages.de";
import { server } from "@/features/server/messages.de";
import { servers } from "@/features/servers/messages.de";
import { settings } from "@/features/settings/messages.de";
import { startup } from "@/features/startup/messages.de";
import { subusers } from "@/features/subusers/messages.de";
import { variables } from "@/features/variables/messages.de";
import { shell } from "@/shell/messages.de";
import { kit } from "@/ui/texts.de";

const areas = {
  account,
  activity,
  auth,
  backups,
  console,
  events,
  files,
  mounts,
  network,
  permissions,
  schedules,
  server,
  servers,
  settings,
  shell,
  startup,
  subusers,
  variables,
  ...kit,
};

/** All German texts by the ids of their messages. */
export const german: Record<string, string> = Object.fromEntries(
  Object.entries(areas).flatMap(([area, texts]) =>
    Object.entries(texts).map(([key, text]) => [`${area}.${key}`, text]),
  ),
);
