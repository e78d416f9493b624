import { expect, test } from "@playwright/test";
import { servers } from "./fixtures";
import { mock } from "./mock";

const base = `/server/${servers[0]?.uuid_short}`;

test("a startup value is checked by the egg's rules before it is sent", async ({ page }) => {
  await mock(page);
  await page.goto(`${base}/startup`);
  const jar = page.getByLabel(/SERVER_JARFILE/);
  await jar.fill("server.exe");
  await expect(page.getByText("The value has not the form that the egg asks for.")).toBeVisible();
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expect(jar).toBeFocused();
  await jar.fill("other.jar");
  await page.getByRole("link", { name: "Network" }).first().click();
  await expect(page.getByRole("dialog", { name: "Leave without saving?" })).toBeVisible();
  await page.getByRole("button", { name: "Stay here" }).click();
  await page.keyboard.press("Control+s");
  await expect(page.getByText("Startup values saved")).toBeVisible();
});

test("a refused choice is taken back", async ({ page }) => {
  await mock(page);
  await page.route("**/startup/docker-image", (route) =>
    route.fulfill({ status: 409, json: { errors: ["the server is busy"], request_id: "01JD6K2V" } }),
  );
  await page.goto(`${base}/startup`);
  await page.getByRole("button", { name: "Change image" }).click();
  await page.getByRole("menuitem", { name: /Java 17/ }).click();
  await expect(page.getByText("The image was not changed")).toBeVisible();
  await expect(page.locator("#main").getByText("ghcr.io/example/java:21", { exact: true })).toBeVisible();
});
