import { expect, test } from "@playwright/test";
import { servers } from "./fixtures";
import { mock } from "./mock";
import { schedules, steps } from "./schedules";

const page_ = `/server/${servers[0]?.uuid_short}/schedules/${schedules[0]?.uuid}`;

test("a time is chosen without a cron pattern", async ({ page }) => {
  await mock(page);
  await page.goto(page_);
  await expect(page.getByLabel("Repeat")).toHaveValue("daily");
  await expect(page.getByLabel("At", { exact: true })).toHaveValue("04:30");
  await page.getByLabel("Repeat").selectOption("weekly");
  await page.getByLabel("On", { exact: true }).selectOption("5");
  await page.getByLabel("At", { exact: true }).fill("18:05");
  await expect(page.getByText("5 18 * * 5")).toBeVisible();
  const sent = page.waitForRequest((request) => request.method() === "PATCH");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  expect((await sent).postDataJSON()).toMatchObject({
    triggers: [{ type: "cron", schedule: "5 18 * * 5" }],
    condition: { type: "server_state", state: "running" },
  });
  await expect(page.getByText("Schedule saved")).toBeVisible();
});

test("steps are added, changed as JSON and moved", async ({ page }) => {
  await mock(page);
  await page.goto(page_);
  await page.getByRole("button", { name: "Add step" }).click();
  const dialog = page.getByRole("dialog", { name: "Add step" });
  await dialog.getByLabel("Command").fill("save-all");
  let sent = page.waitForRequest((request) => request.method() === "POST");
  await dialog.getByRole("button", { name: "Add step" }).click();
  expect((await sent).postDataJSON()).toEqual({
    action: { type: "send_command", ignore_failure: false, command: "save-all" },
    order: steps.length,
  });
  await expect(dialog).toBeHidden();

  await page.getByRole("button", { name: "Actions for step 5" }).click();
  await page.getByRole("menuitem", { name: "Change step" }).click();
  const change = page.getByRole("dialog", { name: "Change step" });
  await change.getByLabel("As JSON").fill("{ not json");
  await change.getByRole("button", { name: "Save" }).click();
  await expect(change.getByText("This is no JSON object.")).toBeVisible();
  await change.getByRole("button", { name: "Cancel" }).click();

  sent = page.waitForRequest((request) => request.method() === "PUT");
  await page.getByRole("button", { name: "Actions for step 2" }).click();
  await page.getByRole("menuitem", { name: "Move up" }).click();
  const order = (await sent).postDataJSON().schedule_step_order;
  expect(order.slice(0, 2)).toEqual([steps[1]?.uuid, steps[0]?.uuid]);
});

test("a schedule is imported switched off", async ({ page }) => {
  await mock(page);
  await page.goto(`/server/${servers[0]?.uuid_short}/schedules`);
  const sent = page.waitForRequest((request) => request.url().endsWith("/schedules/import"));
  await page.locator('input[type="file"]').setInputFiles({
    name: "schedule.json",
    mimeType: "application/json",
    buffer: Buffer.from(
      JSON.stringify({ name: "Other", enabled: true, triggers: [], condition: { type: "none" }, steps: [] }),
    ),
  });
  expect((await sent).postDataJSON().enabled).toBe(false);
});
