import { expect, test } from "@playwright/test";
import { servers } from "./fixtures";
import { mock } from "./mock";

test("a code that is pasted signs in at once, and a recovery code does, too", async ({ page }) => {
  await mock(page, { signedIn: false, twoFactor: true });
  await page.goto("/auth/login");
  const password = async () => {
    await page.getByLabel("Username or email").fill("admin");
    await page.getByLabel("Password", { exact: true }).fill("correct horse");
    await page.getByRole("button", { name: "Sign in" }).click();
    await expect(page.getByRole("heading", { name: "One more step" })).toBeVisible();
  };
  await password();
  const code = page.getByLabel("Code", { exact: true });
  await expect(code).toBeFocused();
  await code.fill("000 000");
  await expect(page.getByText("That code is wrong, or was used already.")).toBeVisible();
  await expect(code).toBeFocused();
  await page.getByRole("button", { name: "Back to the password" }).click();
  await password();
  await page.getByRole("button", { name: "The app is lost? Use a recovery code" }).click();
  const recovery = page.getByLabel("Recovery code");
  await expect(recovery).toBeFocused();
  await recovery.fill("abcde23456");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("heading", { name: "Servers" })).toBeVisible();
});

test("a sign-in that took too long begins again", async ({ page }) => {
  await mock(page, { signedIn: false, twoFactor: true });
  await page.route("**/api/auth/login/checkpoint", (route) =>
    route.fulfill({
      status: 400,
      json: {
        errors: ["confirmation_token does not count any more"],
        fields: [{ field: "confirmation_token", message: "does not count any more" }],
      },
    }),
  );
  await page.goto("/auth/login");
  await page.getByLabel("Username or email").fill("admin");
  await page.getByLabel("Password", { exact: true }).fill("correct horse");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByLabel("Code", { exact: true }).fill("123456");
  await expect(page.getByText("That took too long. Sign in with your password again.")).toBeVisible();
});

test("a second factor is set up, and its recovery codes are not lost by a slip", async ({ page }) => {
  await mock(page);
  await page.goto("/account/security");
  await page.getByRole("button", { name: "Turn on" }).click();
  const dialog = page.getByRole("dialog", { name: "Set up a second factor" });
  await expect(dialog.getByRole("img", { name: "QR code with the secret" })).toBeVisible();
  await dialog.getByLabel(/Code from the app/).fill("123456");
  await dialog.getByLabel("Current password").fill("correct horse");
  await dialog.getByRole("button", { name: "Turn on" }).click();
  const codes = page.getByRole("dialog", { name: "Keep these recovery codes" });
  await expect(codes.getByRole("listitem")).toHaveCount(10);
  await page.keyboard.press("Escape");
  await expect(codes).toBeVisible();
  await codes.getByRole("button", { name: "I have kept them" }).click();
  await expect(codes).toBeHidden();
});

test("a key is made with a group of permissions and shown once", async ({ page }) => {
  await mock(page);
  await page.goto("/account/api-keys");
  await page.getByRole("button", { name: "New API key" }).click();
  const dialog = page.getByRole("dialog", { name: "New API key" });
  await dialog.getByLabel("What it is for").fill("Backups");
  await dialog.getByLabel("files: Everything of this group").check();
  await dialog
    .getByRole("checkbox", { name: /^delete/ })
    .first()
    .uncheck();
  const sent = page.waitForRequest(
    (request) => request.method() === "POST" && request.url().endsWith("/account/api-keys"),
  );
  await dialog.getByRole("button", { name: "Create key" }).click();
  const body = (await sent).postDataJSON();
  expect(body.server_permissions).toEqual([
    "files.read",
    "files.read-content",
    "files.create",
    "files.update",
    "files.sftp",
  ]);
  expect(body.expires).toBeNull();
  const secret = page.getByRole("dialog", { name: "Your new API key" });
  await expect(secret.getByText("roost_WholeKeyThatIsShownOnce0123456789")).toBeVisible();
});

test("nobody gives away a permission that they don't have", async ({ page }) => {
  await mock(page, { permissions: ["subusers.read", "subusers.create", "files.read"] });
  await page.goto(`/server/${servers[0]?.uuid_short}/people`);
  await page.getByRole("button", { name: "Invite" }).click();
  const dialog = page.getByRole("dialog", { name: "Invite somebody" });
  await expect(dialog.getByRole("checkbox", { name: /^start/ })).toBeDisabled();
  await dialog.getByRole("button", { name: "Choose all" }).click();
  await dialog.getByLabel("E-mail address").fill("maya@example.com");
  const sent = page.waitForRequest((request) => request.method() === "POST");
  await dialog.getByRole("button", { name: "Invite" }).click();
  expect((await sent).postDataJSON()).toEqual({
    email: "maya@example.com",
    permissions: ["files.read"],
    ignored_files: [],
  });
  await expect(page.getByText("maya can see this server now")).toBeVisible();
});

test("a snippet stands in the command line, and is not sent yet", async ({ page }) => {
  await mock(page);
  await page.goto(`/server/${servers[0]?.uuid_short}`);
  await page.getByRole("button", { name: "Command snippets" }).click();
  await page.getByRole("menuitem", { name: /Save the world/ }).click();
  const line = page.getByLabel("Command", { exact: true });
  await expect(line).toHaveValue("save-all flush");
  await expect(line).toBeFocused();
});

test("servers are put into a group", async ({ page }) => {
  await mock(page);
  await page.goto("/");
  await page.getByRole("link", { name: "Survival" }).click();
  await expect(page.locator("ul.cards > li")).toHaveCount(2);
  await page.getByRole("button", { name: "New group" }).click();
  const dialog = page.getByRole("dialog", { name: "New group" });
  await dialog.getByLabel("Name of the group").fill("x");
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(dialog.getByText("At least 2 characters.")).toBeVisible();
  await dialog.getByLabel("Name of the group").fill("Modded");
  await dialog.getByLabel(/Servers/).click();
  await page.getByRole("option", { name: "Skyblock Evenings" }).click();
  // The choice covers the button while it is open.
  await page.keyboard.press("Tab");
  const sent = page.waitForRequest((request) => request.method() === "POST");
  await dialog.getByRole("button", { name: "Save" }).click();
  expect((await sent).postDataJSON()).toEqual({ name: "Modded", server_order: [servers[0]?.uuid] });
  await expect(page.getByText("Group saved")).toBeVisible();
});
