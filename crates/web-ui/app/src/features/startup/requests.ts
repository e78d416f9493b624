import { queryOptions } from "@tanstack/react-query";
import { type Answer, api, take } from "@/api/client";

export type Variable = Answer<"/api/client/servers/{server}/startup/variables", "get">["variables"][number];

export const variablesQuery = (server: string) =>
  queryOptions({
    queryKey: ["servers", "variables", server],
    queryFn: async ({ signal }) =>
      (
        await take(
          api.GET("/api/client/servers/{server}/startup/variables", { params: { path: { server } }, signal }),
        )
      ).variables,
  });

export const saveVariables = (server: string, values: Record<string, string>) =>
  take(
    api.PUT("/api/client/servers/{server}/startup/variables", {
      params: { path: { server } },
      body: {
        variables: Object.entries(values).map(([env_variable, value]) => ({ env_variable, value })),
      },
    }),
  );

export const saveCommand = (server: string, command: string) =>
  take(
    api.PUT("/api/client/servers/{server}/startup/command", {
      params: { path: { server } },
      body: { command },
    }),
  );

export const saveImage = (server: string, image: string) =>
  take(
    api.PUT("/api/client/servers/{server}/startup/docker-image", {
      params: { path: { server } },
      body: { image },
    }),
  );
