import { api, type Input, take } from "@/api/client";

const at = (server: string) => ({ params: { path: { server } } });

export type AutoStart = Input<"/api/client/servers/{server}/settings/auto-start", "put">["behavior"];

export const rename = (server: string, name: string, description: string) =>
  take(
    api.POST("/api/client/servers/{server}/settings/rename", {
      ...at(server),
      body: { name, description: description === "" ? null : description },
    }),
  );

export const saveTimezone = (server: string, timezone: string | null) =>
  take(api.PUT("/api/client/servers/{server}/settings/timezone", { ...at(server), body: { timezone } }));

export const saveAutoStart = (server: string, behavior: AutoStart) =>
  take(api.PUT("/api/client/servers/{server}/settings/auto-start", { ...at(server), body: { behavior } }));

export const saveAutoKill = (server: string, enabled: boolean, seconds: number) =>
  take(
    api.PUT("/api/client/servers/{server}/settings/auto-kill", { ...at(server), body: { enabled, seconds } }),
  );

export const reinstall = (server: string, wipe: boolean) =>
  take(
    api.POST("/api/client/servers/{server}/settings/install", {
      ...at(server),
      body: { truncate_directory: wipe },
    }),
  );

export const unlockInstall = (server: string) =>
  take(api.POST("/api/client/servers/{server}/settings/install/unlock", at(server)));

/** Stops an installation; true when the node has yet to say that it is over. */
export async function cancelInstall(server: string): Promise<boolean> {
  const request = api.POST("/api/client/servers/{server}/settings/install/cancel", at(server));
  await take(request);
  return (await request).response.status === 202;
}
