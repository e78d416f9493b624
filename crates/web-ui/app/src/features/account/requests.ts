import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { type Answer, api, type Input, take } from "@/api/client";

const PER_PAGE = 25;

export type ApiKey = Answer<"/api/client/account/api-keys", "get">["api_keys"]["data"][number];
export type Session = Answer<"/api/client/account/sessions", "get">["sessions"]["data"][number];
export type SshKey = Answer<"/api/client/account/ssh-keys", "get">["ssh_keys"]["data"][number];
export type Snippet = Answer<
  "/api/client/account/command-snippets",
  "get"
>["command_snippets"]["data"][number];
export type KeyRequest = Input<"/api/client/account/api-keys", "post">;
export type Provider = Input<"/api/client/account/ssh-keys/import", "post">["provider"];
type Profile = Input<"/api/client/account", "patch">;

const wanted = (page: number, search: string) => ({
  query: { page, per_page: PER_PAGE, ...(search ? { search } : {}) },
});

export const saveProfile = (body: Profile) => take(api.PATCH("/api/client/account", { body }));

export const changeEmail = (email: string, password: string) =>
  take(api.PUT("/api/client/account/email", { body: { email, password } }));

export const changePassword = (password: string, new_password: string) =>
  take(api.PUT("/api/client/account/password", { body: { password, new_password } }));

export const setUpTwoFactor = () => take(api.GET("/api/client/account/two-factor"));

export const enableTwoFactor = async (code: string, password: string) =>
  (await take(api.POST("/api/client/account/two-factor", { body: { code, password } }))).recovery_codes;

export const disableTwoFactor = (code: string, password: string) =>
  take(api.DELETE("/api/client/account/two-factor", { body: { code, password } }));

export const sessionsQuery = (page: number) =>
  queryOptions({
    queryKey: ["account-sessions", page],
    queryFn: async ({ signal }) =>
      (await take(api.GET("/api/client/account/sessions", { params: wanted(page, ""), signal }))).sessions,
    placeholderData: keepPreviousData,
  });

export const endSession = (session: string) =>
  take(api.DELETE("/api/client/account/sessions/{session}", { params: { path: { session } } }));

export const endOtherSessions = async () => (await take(api.DELETE("/api/client/account/sessions"))).deleted;

export const apiKeysQuery = (page: number, search: string) =>
  queryOptions({
    queryKey: ["account-api-keys", page, search],
    queryFn: async ({ signal }) =>
      (await take(api.GET("/api/client/account/api-keys", { params: wanted(page, search), signal })))
        .api_keys,
    placeholderData: keepPreviousData,
  });

export const createApiKey = async (body: KeyRequest) =>
  (await take(api.POST("/api/client/account/api-keys", { body }))).key;

export const updateApiKey = (api_key: string, body: KeyRequest) =>
  take(api.PATCH("/api/client/account/api-keys/{api_key}", { params: { path: { api_key } }, body }));

export const renewApiKey = async (api_key: string) =>
  (await take(api.POST("/api/client/account/api-keys/{api_key}/recreate", { params: { path: { api_key } } })))
    .key;

export const deleteApiKey = (api_key: string) =>
  take(api.DELETE("/api/client/account/api-keys/{api_key}", { params: { path: { api_key } } }));

export const sshKeysQuery = (page: number, search: string) =>
  queryOptions({
    queryKey: ["account-ssh-keys", page, search],
    queryFn: async ({ signal }) =>
      (await take(api.GET("/api/client/account/ssh-keys", { params: wanted(page, search), signal })))
        .ssh_keys,
    placeholderData: keepPreviousData,
  });

export const addSshKey = (name: string, public_key: string) =>
  take(api.POST("/api/client/account/ssh-keys", { body: { name, public_key } }));

export const importSshKeys = async (provider: Provider, username: string) =>
  (await take(api.POST("/api/client/account/ssh-keys/import", { body: { provider, username } }))).ssh_keys;

export const renameSshKey = (ssh_key: string, name: string) =>
  take(
    api.PATCH("/api/client/account/ssh-keys/{ssh_key}", { params: { path: { ssh_key } }, body: { name } }),
  );

export const deleteSshKey = (ssh_key: string) =>
  take(api.DELETE("/api/client/account/ssh-keys/{ssh_key}", { params: { path: { ssh_key } } }));

export const snippetsQuery = (page: number, search: string) =>
  queryOptions({
    queryKey: ["account-snippets", page, search],
    queryFn: async ({ signal }) =>
      (await take(api.GET("/api/client/account/command-snippets", { params: wanted(page, search), signal })))
        .command_snippets,
    placeholderData: keepPreviousData,
  });

type SnippetRequest = Input<"/api/client/account/command-snippets", "post">;

export const createSnippet = (body: SnippetRequest) =>
  take(api.POST("/api/client/account/command-snippets", { body }));

export const updateSnippet = (command_snippet: string, body: SnippetRequest) =>
  take(
    api.PATCH("/api/client/account/command-snippets/{command_snippet}", {
      params: { path: { command_snippet } },
      body,
    }),
  );

export const duplicateSnippet = (command_snippet: string, name: string) =>
  take(
    api.POST("/api/client/account/command-snippets/{command_snippet}/duplicate", {
      params: { path: { command_snippet } },
      body: { name },
    }),
  );

export const deleteSnippet = (command_snippet: string) =>
  take(
    api.DELETE("/api/client/account/command-snippets/{command_snippet}", {
      params: { path: { command_snippet } },
    }),
  );

/** The eggs that the own servers run, by name. */
export const ownEggsQuery = (search: string) =>
  queryOptions({
    queryKey: ["account-eggs", search],
    queryFn: async ({ signal }) =>
      (
        await take(
          api.GET("/api/client/servers/eggs", {
            params: { query: { page: 1, per_page: 100, ...(search ? { search } : {}) } },
            signal,
          }),
        )
      ).nest_eggs.data,
    placeholderData: keepPreviousData,
  });

export const activityQuery = (page: number, search: string) =>
  queryOptions({
    queryKey: ["account-activity", page, search],
    queryFn: async ({ signal }) =>
      (await take(api.GET("/api/client/account/activity", { params: wanted(page, search), signal })))
        .activities,
    placeholderData: keepPreviousData,
  });
