import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { type Answer, api, type Input, take } from "@/api/client";
import { isBusy } from "./states";

export type Backup = Answer<"/api/client/servers/{server}/backups", "get">["backups"]["data"][number];
export type BackupPage = Answer<"/api/client/servers/{server}/backups", "get">["backups"];
export type Group = Answer<"/api/client/servers/{server}/backups/groups", "get">["backup_groups"][number];
export type NewBackup = Input<"/api/client/servers/{server}/backups", "post">;
export type BackupChange = Input<"/api/client/servers/{server}/backups/{backup}", "patch">;
export type GroupInput = Input<"/api/client/servers/{server}/backups/groups", "post">;
export type RestoreInput = Input<"/api/client/servers/{server}/backups/{backup}/restore", "post">;

/** Which backups are listed: a group's, those of no group, or all. */
export interface Shown {
  group?: string;
  search?: string;
  page?: number;
}

const of = (server: string) => ({ path: { server } });
const one = (server: string, backup: string) => ({ path: { server, backup } });

export const backupsKey = (server: string) => ["backups", server] as const;

export const backupsQuery = (server: string, { group, search, page = 1 }: Shown) =>
  queryOptions({
    queryKey: [...backupsKey(server), "list", { group, search, page }],
    queryFn: async ({ signal }): Promise<BackupPage> => {
      const query = { page, per_page: 25, ...(search ? { search } : {}) };
      if (group && group !== "none")
        return (
          await take(
            api.GET("/api/client/servers/{server}/backups/groups/{backup_group}", {
              params: { path: { server, backup_group: group }, query },
              signal,
            }),
          )
        ).backups;
      return (
        await take(
          api.GET("/api/client/servers/{server}/backups", {
            params: { ...of(server), query: { ...query, ...(group ? { ungrouped: true } : {}) } },
            signal,
          }),
        )
      ).backups;
    },
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => (state.data?.data.some(isBusy) ? 2_000 : 20_000),
  });

export const groupsQuery = (server: string) =>
  queryOptions({
    queryKey: [...backupsKey(server), "groups"],
    queryFn: async ({ signal }) =>
      (await take(api.GET("/api/client/servers/{server}/backups/groups", { params: of(server), signal })))
        .backup_groups,
  });

export function createBackup(server: string, body: NewBackup) {
  return take(api.POST("/api/client/servers/{server}/backups", { params: of(server), body }));
}

export function changeBackup(server: string, backup: string, body: BackupChange) {
  return take(
    api.PATCH("/api/client/servers/{server}/backups/{backup}", { params: one(server, backup), body }),
  );
}

export function deleteBackup(server: string, backup: string) {
  return take(api.DELETE("/api/client/servers/{server}/backups/{backup}", { params: one(server, backup) }));
}

export function restoreBackup(server: string, backup: string, body: RestoreInput) {
  return take(
    api.POST("/api/client/servers/{server}/backups/{backup}/restore", {
      params: one(server, backup),
      body,
    }),
  );
}

/** Lets a server be used again after a restore that failed. */
export function unlockServer(server: string) {
  return take(api.POST("/api/client/servers/{server}/backups/unlock", { params: of(server) }));
}

export async function backupLink(server: string, backup: string): Promise<string> {
  return (
    await take(
      api.GET("/api/client/servers/{server}/backups/{backup}/download", { params: one(server, backup) }),
    )
  ).url;
}

export function createGroup(server: string, body: GroupInput) {
  return take(api.POST("/api/client/servers/{server}/backups/groups", { params: of(server), body }));
}

export function changeGroup(server: string, group: string, body: GroupInput) {
  return take(
    api.PATCH("/api/client/servers/{server}/backups/groups/{backup_group}", {
      params: { path: { server, backup_group: group } },
      body,
    }),
  );
}

export function deleteGroup(server: string, group: string) {
  return take(
    api.DELETE("/api/client/servers/{server}/backups/groups/{backup_group}", {
      params: { path: { server, backup_group: group } },
      body: {},
    }),
  );
}
