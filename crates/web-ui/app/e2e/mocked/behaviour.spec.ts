import { expect, type Page, test } from "@playwright/test";
import { servers } from "./fixtures";
import { mock } from "./mock";

const console_ = `/server/${servers[0]?.uuid_short}`;
const rows = (page: Page, text: string) => page.locator(".xterm-rows > div", { hasText: text });

test("a wrong password keeps the name and focuses the field", async ({ page }) => {
  await mock(page, { signedIn: false });
  await page.goto("/admin/users");
  await expect(page).toHaveURL(/auth\/login/);
  await page.getByLabel("Username or email").fill("operator");
  await page.getByLabel("Password", { exact: true }).fill("nope");
  await page.keyboard.press("Enter");
  await expect(page.getByText("Username or password is wrong.")).toBeVisible();
  await expect(page.getByLabel("Password", { exact: true })).toBeFocused();
  await page.getByLabel("Password", { exact: true }).fill("correct horse");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "Users" })).toBeVisible();
});

test("the console echoes, keeps a history and strips hostile sequences", async ({ page }) => {
  await mock(page);
  await page.goto(console_);
  await expect(rows(page, "Preparing level")).toBeVisible();
  await expect(page).toHaveTitle("Console · Skyblock Evenings · Roost");
  const command = page.getByRole("textbox", { name: "Command" });
  await command.fill("list");
  await command.press("Enter");
  await expect(rows(page, "max of 20 players")).toBeVisible();
  await command.fill("half typed");
  await command.press("ArrowUp");
  await expect(command).toHaveValue("list");
  await command.press("ArrowDown");
  await expect(command).toHaveValue("half typed");
});

test("the console of a server that never ran says how to get output", async ({ page }) => {
  await mock(page, { power: "offline" });
  await page.goto(console_);
  await expect(page.getByText("No output yet. Start the server and it appears here.")).toBeVisible();
  await mock(page);
  await page.reload();
  await expect(rows(page, "Preparing level")).toBeVisible();
  await expect(page.getByText("No output yet. Start the server and it appears here.")).toHaveCount(0);
});

test("a lost connection comes back with a rule and without repeated lines", async ({ page }) => {
  await mock(page);
  await page.goto(console_);
  await expect(rows(page, "Preparing level")).toHaveCount(1);
  const command = page.getByRole("textbox", { name: "Command" });
  await command.fill("drop");
  await command.press("Enter");
  await expect(rows(page, "Connection lost")).toBeVisible();
  await expect(page.getByText("Live", { exact: true })).toBeVisible();
});

test("several pasted lines are asked about", async ({ page }) => {
  await mock(page);
  await page.goto(console_);
  const command = page.getByRole("textbox", { name: "Command" });
  await expect(page.getByText("Live", { exact: true })).toBeVisible();
  await command.evaluate((element) => {
    const data = new DataTransfer();
    data.setData("text", "one\ntwo");
    element.dispatchEvent(
      new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }),
    );
  });
  await expect(page.getByRole("dialog", { name: "Send 2 commands?" })).toBeVisible();
  await page.getByRole("button", { name: "Send 2 commands" }).click();
  await expect(rows(page, "› two")).toBeVisible();
});

test("output can be searched, and Esc gives the focus back", async ({ page }) => {
  await mock(page);
  await page.goto(console_);
  await expect(rows(page, "Preparing level")).toBeVisible();
  await page.getByRole("textbox", { name: "Command" }).press("Control+f");
  await page.getByLabel("Search in the console").fill("INFO");
  await expect(page.getByText(/of 6/)).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("textbox", { name: "Command" })).toBeFocused();
});

test("the palette works by keyboard alone", async ({ page }) => {
  await mock(page);
  await page.goto("/");
  await expect(page.getByRole("heading", { level: 1, name: "Servers" })).toBeVisible();
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox").fill("nests");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "Nests and eggs" })).toBeFocused();
});

test("the skip link leads to the content", async ({ page }) => {
  await mock(page);
  await page.goto("/admin/users");
  await expect(page.getByRole("heading", { level: 1, name: "Users" })).toBeVisible();
  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "Skip to content" })).toBeFocused();
});

test("a server form says what is wrong and goes there", async ({ page }) => {
  await mock(page);
  await page.goto("/admin/servers/new");
  await page.getByText("Paper", { exact: true }).click();
  await page.getByLabel("Name", { exact: true }).fill("One");
  await page.getByText("fra-01", { exact: true }).click();
  await page.getByLabel(/SERVER_JARFILE/).fill("bad");
  await page.getByRole("button", { name: "Create server" }).click();
  await expect(page.getByLabel(/SERVER_JARFILE/)).toBeFocused();
  await page.getByLabel(/SERVER_JARFILE/).fill("server.jar");
  await page.getByRole("button", { name: "Create server" }).click();
  await expect(page.getByText("is being installed", { exact: false }).first()).toBeVisible();
});

test("an imported egg shows the importer's notes", async ({ page }) => {
  await mock(page);
  await page.goto("/admin/nests");
  await page.getByRole("button", { name: "Import an egg" }).click();
  await page.locator('input[type="file"]').setInputFiles({
    name: "egg.json",
    mimeType: "application/json",
    buffer: Buffer.from("{}"),
  });
  await expect(page.getByText("Paper imported")).toBeVisible();
  await expect(page.getByText("Two variables have rules as lists.")).toBeVisible();
});

test("deleting a node needs its name", async ({ page }) => {
  await mock(page);
  await page.goto("/admin/nodes");
  await page.getByRole("link", { name: "fra-01" }).click();
  await page.getByRole("button", { name: "Delete node" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByRole("textbox")).toBeFocused();
  await expect(dialog.getByRole("button", { name: "Delete node" })).toBeDisabled();
  await dialog.getByRole("textbox").fill("fra-01");
  await expect(dialog.getByRole("button", { name: "Delete node" })).toBeEnabled();
  await page.keyboard.press("Escape");
  await expect(page.locator("#main").getByRole("button", { name: "Delete node" })).toBeFocused();
});

test("a question mark shows the keys, and the palette knows the pages of the open server", async ({
  page,
}) => {
  await mock(page);
  await page.goto(`/server/${servers[0]?.uuid_short}/network`);
  await expect(page.getByRole("heading", { level: 1, name: "Network" })).toBeVisible();
  await page.keyboard.press("?");
  const keys = page.getByRole("dialog", { name: "Keyboard shortcuts" });
  await expect(keys.getByText("Search servers and pages")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(keys).toBeHidden();
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox").fill("schedules");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "Schedules" })).toBeVisible();
});
