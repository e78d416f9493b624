import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { type Answer, api, type Input, take } from "@/api/client";

const PER_PAGE = 25;

export type Schedule = Answer<"/api/client/servers/{server}/schedules/{schedule}", "get">["schedule"];
export type Step = Answer<
  "/api/client/servers/{server}/schedules/{schedule}/steps",
  "get"
>["schedule_steps"][number];
export type Action = Step["action"];
export type Trigger = Schedule["triggers"][number];
export type Condition = Schedule["condition"];
export type ScheduleInput = Input<"/api/client/servers/{server}/schedules", "post">;
export type Exported = Input<"/api/client/servers/{server}/schedules/import", "post">;

const of = (server: string) => ({ path: { server } });
const one = (server: string, schedule: string) => ({ path: { server, schedule } });
const step = (server: string, schedule: string, id: string) => ({ path: { server, schedule, step: id } });

export const schedulesKey = (server: string) => ["schedules", server] as const;

export const schedulesQuery = (server: string, page: number, search: string) =>
  queryOptions({
    queryKey: [...schedulesKey(server), "list", page, search],
    queryFn: async ({ signal }) =>
      (
        await take(
          api.GET("/api/client/servers/{server}/schedules", {
            params: { ...of(server), query: { page, per_page: PER_PAGE, ...(search ? { search } : {}) } },
            signal,
          }),
        )
      ).schedules,
    placeholderData: keepPreviousData,
    refetchInterval: 30_000,
  });

export const scheduleQuery = (server: string, schedule: string) =>
  queryOptions({
    queryKey: [...schedulesKey(server), "one", schedule],
    queryFn: async ({ signal }) =>
      (
        await take(
          api.GET("/api/client/servers/{server}/schedules/{schedule}", {
            params: one(server, schedule),
            signal,
          }),
        )
      ).schedule,
  });

export const stepsQuery = (server: string, schedule: string) =>
  queryOptions({
    queryKey: [...schedulesKey(server), "steps", schedule],
    queryFn: async ({ signal }) =>
      (
        await take(
          api.GET("/api/client/servers/{server}/schedules/{schedule}/steps", {
            params: one(server, schedule),
            signal,
          }),
        )
      ).schedule_steps,
  });

export const statusQuery = (server: string, schedule: string) =>
  queryOptions({
    queryKey: [...schedulesKey(server), "status", schedule],
    queryFn: async ({ signal }) =>
      (
        await take(
          api.GET("/api/client/servers/{server}/schedules/{schedule}/status", {
            params: one(server, schedule),
            signal,
          }),
        )
      ).status,
    refetchInterval: ({ state }) => (state.data?.running ? 2_000 : 15_000),
    retry: false,
  });

export const createSchedule = async (server: string, body: ScheduleInput) =>
  (await take(api.POST("/api/client/servers/{server}/schedules", { params: of(server), body }))).schedule;

export const importSchedule = async (server: string, body: Exported) =>
  (await take(api.POST("/api/client/servers/{server}/schedules/import", { params: of(server), body })))
    .schedule;

export const exportSchedule = (server: string, schedule: string) =>
  take(
    api.GET("/api/client/servers/{server}/schedules/{schedule}/export", { params: one(server, schedule) }),
  );

export const changeSchedule = (server: string, schedule: string, body: Partial<ScheduleInput>) =>
  take(
    api.PATCH("/api/client/servers/{server}/schedules/{schedule}", { params: one(server, schedule), body }),
  );

export const deleteSchedule = (server: string, schedule: string) =>
  take(api.DELETE("/api/client/servers/{server}/schedules/{schedule}", { params: one(server, schedule) }));

export const duplicateSchedule = async (server: string, schedule: string, name: string) =>
  (
    await take(
      api.POST("/api/client/servers/{server}/schedules/{schedule}/duplicate", {
        params: one(server, schedule),
        body: { name },
      }),
    )
  ).schedule;

export const runSchedule = (server: string, schedule: string) =>
  take(
    api.POST("/api/client/servers/{server}/schedules/{schedule}/trigger", {
      params: one(server, schedule),
      body: { skip_condition: true },
    }),
  );

export const stopSchedule = (server: string, schedule: string) =>
  take(
    api.POST("/api/client/servers/{server}/schedules/{schedule}/abort", { params: one(server, schedule) }),
  );

export const addStep = (server: string, schedule: string, action: Action, order: number) =>
  take(
    api.POST("/api/client/servers/{server}/schedules/{schedule}/steps", {
      params: one(server, schedule),
      body: { action, order },
    }),
  );

export const changeStep = (server: string, schedule: string, id: string, action: Action) =>
  take(
    api.PATCH("/api/client/servers/{server}/schedules/{schedule}/steps/{step}", {
      params: step(server, schedule, id),
      body: { action },
    }),
  );

export const copyStep = (server: string, schedule: string, id: string) =>
  take(
    api.POST("/api/client/servers/{server}/schedules/{schedule}/steps/{step}/duplicate", {
      params: step(server, schedule, id),
    }),
  );

export const deleteStep = (server: string, schedule: string, id: string) =>
  take(
    api.DELETE("/api/client/servers/{server}/schedules/{schedule}/steps/{step}", {
      params: step(server, schedule, id),
    }),
  );

export const orderSteps = (server: string, schedule: string, order: string[]) =>
  take(
    api.PUT("/api/client/servers/{server}/schedules/{schedule}/steps/order", {
      params: one(server, schedule),
      body: { schedule_step_order: order },
    }),
  );
