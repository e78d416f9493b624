import { expect, type Page, test } from "@playwright/test";
import { accessible } from "../screens";
import { MockFiles } from "./files";
import { servers } from "./fixtures";
import { type MockOptions, mock } from "./mock";

const short = servers[0]?.uuid_short;
const at = `/server/${short}/files`;
const row = (page: Page, name: string) => page.getByRole("row", { name: new RegExp(name) });
const grid = (page: Page) => page.getByRole("grid");

async function open(page: Page, path = at, options: MockOptions = {}): Promise<MockFiles> {
  const files = options.files ?? new MockFiles();
  await mock(page, { ...options, files });
  await page.goto(path);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await expect(page.locator("[aria-busy=true]")).toHaveCount(0);
  return files;
}

async function menu(page: Page, name: string, action: string): Promise<void> {
  await page.getByRole("button", { name: `Actions for ${name}`, exact: true }).click();
  await page.getByRole("menuitem", { name: action }).click();
}

test("folders come first, and are gone through by click, address and back", async ({ page }) => {
  await open(page);
  await expect(grid(page).getByRole("row").nth(1)).toContainText("config");
  await page.getByRole("link", { name: "plugins", exact: true }).click();
  await expect(page).toHaveURL(/path=%2Fplugins/);
  await expect(row(page, "LuckPerms")).toBeVisible();
  await page.getByRole("link", { name: "LuckPerms" }).click();
  await expect(page.getByText("This folder is empty")).toBeVisible();
  await page.goBack();
  await expect(row(page, "LuckPerms")).toBeVisible();
  await page.getByRole("navigation", { name: "Path" }).getByRole("link", { name: "All files" }).click();
  await expect(row(page, "eula.txt")).toBeVisible();
  await page.goto(`${at}?path=/nowhere`);
  await expect(page.getByText("This folder does not exist")).toBeVisible();
  await page.getByRole("link", { name: "Go to the folder above" }).click();
  await expect(row(page, "eula.txt")).toBeVisible();
});

test("ten thousand entries are usable at once, and only those in sight exist", async ({ page }) => {
  const files = new MockFiles();
  for (let i = 0; i < 10_000; i += 1) files.write(`/world/region.${i}.mca`, "x");
  await open(page, `${at}?path=/world`, { files });
  await expect(page.getByText("10,000 items")).toBeVisible();
  await expect(row(page, "region.2.mca")).toBeVisible();
  expect(await page.locator(".fl-row").count()).toBeLessThan(80);
  await grid(page).focus();
  await page.keyboard.press("End");
  await expect(row(page, "region.9999.mca")).toBeVisible();
  await page.keyboard.type("region.5000");
  await expect(row(page, "region.5000.mca")).toBeVisible();
  await page.getByLabel("Find in this folder").fill("9998");
  await expect(page.locator(".fl-row")).toHaveCount(1);
});

test("the keyboard alone marks, opens, renames and deletes", async ({ page }) => {
  const files = await open(page);
  await grid(page).focus();
  await page.keyboard.type("eula");
  await page.keyboard.press("Space");
  await expect(page.getByText("1 selected")).toBeVisible();
  await page.keyboard.press("F2");
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByLabel("New name")).toBeFocused();
  await page.keyboard.type("terms");
  await page.keyboard.press("Enter");
  await expect(row(page, "terms.txt")).toBeVisible();
  await expect(page.getByText("eula.txt is now terms.txt")).toBeVisible();
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(row(page, "eula.txt")).toBeVisible();
  expect(files.text("/eula.txt")).toBe("eula=true\n");
  await grid(page).focus();
  await page.keyboard.press("Escape");
  await page.keyboard.type("eula");
  await page.keyboard.press("Space");
  await page.keyboard.press("Delete");
  await expect(dialog.getByRole("button", { name: "Keep it" })).toBeFocused();
  await dialog.getByRole("button", { name: "Delete", exact: true }).click();
  await expect(row(page, "eula.txt")).toHaveCount(0);
  expect(files.text("/eula.txt")).toBeUndefined();
  await grid(page).focus();
  await page.keyboard.press("Control+a");
  await expect(page.getByText("13 selected")).toBeVisible();
  await page.keyboard.press("Home");
  await page.keyboard.press("Enter");
  await expect(row(page, "paper-global.yml")).toBeVisible();
});

test("what the node refuses comes back into the list", async ({ page }) => {
  const files = await open(page);
  files.refused.set("delete", {
    status: 409,
    code: "node_refused",
    message: "the node refused: file is in use",
  });
  await menu(page, "eula.txt", "Delete");
  await page.getByRole("dialog").getByRole("button", { name: "Delete", exact: true }).click();
  await expect(page.getByText("eula.txt was not deleted")).toBeVisible();
  await expect(page.getByText("The node refused: file is in use.")).toBeVisible();
  await expect(row(page, "eula.txt")).toBeVisible();
});

test("many are renamed by a rule that shows each new name", async ({ page }) => {
  const files = await open(page);
  await page.getByRole("checkbox", { name: "Select paper-1.21.8-84.jar" }).check();
  await page.getByRole("checkbox", { name: "Select paper-1.21.8-71.jar" }).check();
  await page.getByRole("button", { name: "More actions" }).click();
  await page.getByRole("menuitem", { name: "Rename" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Find", { exact: true }).fill("-84");
  await dialog.getByLabel("Replace with").fill("-71");
  await expect(dialog.getByText("This name is taken.").first()).toBeVisible();
  await expect(dialog.getByRole("button", { name: /^Rename/ })).toBeDisabled();
  await dialog.getByLabel("Find", { exact: true }).fill("paper-");
  await dialog.getByLabel("Replace with").fill("old-");
  await expect(dialog.getByText("old-1.21.8-84.jar")).toBeVisible();
  await accessible(page, "bulk rename");
  await dialog.getByRole("button", { name: "Rename 2 entries" }).click();
  await expect(row(page, "old-1.21.8-71.jar")).toBeVisible();
  expect(files.stored.has("/old-1.21.8-84.jar")).toBe(true);
});

test("files are moved by menu and by dragging", async ({ page }) => {
  const files = await open(page);
  await menu(page, "bukkit.yml", "Move");
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "config" }).click();
  await expect(dialog.getByText("No folders in it.")).toBeVisible();
  await dialog.getByRole("button", { name: "Move here" }).click();
  await expect(row(page, "bukkit.yml")).toHaveCount(0);
  await expect.poll(() => files.stored.has("/config/bukkit.yml")).toBe(true);
  await row(page, "start.sh").dragTo(row(page, "logs"));
  await expect.poll(() => files.stored.has("/logs/start.sh")).toBe(true);
});

test("permissions, checksum, archive and a fetched address", async ({ page }) => {
  const files = await open(page);
  await menu(page, "start.sh", "Permissions");
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("checkbox", { name: "Owner: Execute" }).check();
  await expect(dialog.getByLabel("As digits")).toHaveValue("744");
  await accessible(page, "permissions");
  await dialog.getByRole("button", { name: "Set permissions" }).click();
  await expect(page.getByText("start.sh has 744 now")).toBeVisible();
  expect(files.asked.at(-1)?.body).toMatchObject({ files: [{ file: "start.sh", mode: "744" }] });

  await menu(page, "start.sh", "Details and checksum");
  await dialog.getByRole("button", { name: "Compute" }).click();
  await expect(dialog.getByRole("button", { name: /9f86d081/ })).toBeVisible();
  await accessible(page, "details");
  await page.keyboard.press("Escape");

  await menu(page, "world", "Archive");
  await dialog.getByLabel("Format").selectOption("zip");
  await dialog.getByRole("button", { name: "Create archive" }).click();
  const operations = page.getByRole("region", { name: "At work on the node" });
  await expect(operations.getByText("42 %")).toBeVisible();
  await page.reload();
  await operations.getByRole("button", { name: "Cancel" }).click();
  await expect(operations).toHaveCount(0);

  await page.getByRole("button", { name: "New", exact: true }).click();
  await page.getByRole("menuitem", { name: "Fetch from an address" }).click();
  await dialog.getByRole("button", { name: "Fetch", exact: true }).click();
  await expect(dialog.getByText("An address begins with http:// or https://.")).toBeVisible();
  await dialog.getByLabel("Address").fill("https://example.net/plugin.jar");
  await dialog.getByRole("button", { name: "Look first" }).click();
  await expect(dialog.getByText("plugin.jar, 1 MiB")).toBeVisible();
  await dialog.getByRole("button", { name: "Fetch", exact: true }).click();
  await expect(operations.getByText("Fetching")).toBeVisible();
});

test("a search looks below the folder", async ({ page }) => {
  const files = await open(page);
  await page.getByRole("button", { name: "Search below this folder" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Search", exact: true }).click();
  await expect(dialog.getByText("A name or a text is needed.")).toBeVisible();
  await dialog.getByLabel("Name").fill("global");
  await dialog.getByLabel("Text in files").fill("chunk");
  await dialog.getByRole("button", { name: "Search", exact: true }).click();
  await expect(dialog.getByText("1 entry found")).toBeVisible();
  expect(files.asked.at(-1)?.body).toMatchObject({
    path_filter: { include: ["*global*"] },
    content_filter: { query: "chunk" },
  });
  await dialog.getByRole("link", { name: "config/paper-global.yml" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "paper-global.yml" })).toBeVisible();
});

test("files are uploaded with progress, into folders that come with them, and can be cancelled", async ({
  page,
}) => {
  const files = await open(page);
  const release = files.hold();
  await page
    .locator('input[type="file"]')
    .first()
    .setInputFiles([
      { name: "eula.txt", mimeType: "text/plain", buffer: Buffer.from("eula=false\n") },
      { name: "new one.txt", mimeType: "text/plain", buffer: Buffer.from("new") },
    ]);
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByText("eula.txt is there already")).toBeVisible();
  await dialog.getByRole("button", { name: "Keep both" }).click();
  const dock = page.getByRole("region", { name: "Uploads" });
  await expect(dock.getByText("Uploading 1 of 2")).toBeVisible();
  await accessible(page, "uploads");
  await dock.getByRole("button", { name: "Cancel new one.txt" }).click();
  await expect(dock.getByText("cancelled")).toBeVisible();
  // It goes on while the person looks elsewhere.
  await page.getByRole("link", { name: "Console" }).first().click();
  await expect(dock).toBeVisible();
  release();
  await expect(dock.getByText("1 file uploaded")).toBeVisible();
  expect(files.text("/eula copy.txt")).toBe("eula=false\n");
  expect(files.text("/eula.txt")).toBe("eula=true\n");
  await page.getByRole("link", { name: "Files" }).first().click();
  await expect(row(page, "eula copy.txt")).toBeVisible();
});

test("a failed upload says why and is tried again", async ({ page }) => {
  const files = await open(page);
  files.refused.set("upload/file", { status: 417, message: "file size is larger than 100MB" });
  await page
    .locator('input[type="file"]')
    .first()
    .setInputFiles([{ name: "big.bin", mimeType: "text/plain", buffer: Buffer.from("big") }]);
  const dock = page.getByRole("region", { name: "Uploads" });
  await expect(dock.getByText("File size is larger than 100MB.")).toBeVisible();
  files.refused.clear();
  await dock.getByRole("button", { name: "Try big.bin again" }).click();
  await expect(row(page, "big.bin")).toBeVisible();
});

test("files and folders are dropped anywhere on the page", async ({ page }) => {
  const files = await open(page);
  const data = await page.evaluateHandle(() => {
    const transfer = new DataTransfer();
    transfer.items.add(new File(["dropped"], "dropped.txt", { type: "text/plain" }));
    return transfer;
  });
  await page.dispatchEvent(".dropzone", "dragenter", { dataTransfer: data });
  await expect(page.getByText("Drop to upload into /")).toBeVisible();
  await page.dispatchEvent(".dropzone", "drop", { dataTransfer: data });
  await expect(row(page, "dropped.txt")).toBeVisible();
  expect(files.text("/dropped.txt")).toBe("dropped");
});

test("the editor saves, and guards what is not saved", async ({ page }) => {
  const files = await open(page, `${at}/edit?path=/config/paper-global.yml`);
  const code = page.getByRole("textbox", { name: "Content of paper-global.yml" });
  await expect(code).toContainText("_version: 30");
  await expect(page.getByRole("button", { name: "Save" })).toBeDisabled();
  await code.click();
  await page.keyboard.press("Control+Home");
  await page.keyboard.type("# mine\n");
  await expect(page.getByText("Unsaved")).toBeVisible();
  await expect(page).toHaveTitle(/^● paper-global.yml/);
  await page.getByRole("link", { name: "Back to the folder" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByText("Leave without saving?")).toBeVisible();
  await expect(dialog.getByRole("button", { name: "Keep editing" })).toBeFocused();
  await dialog.getByRole("button", { name: "Keep editing" }).click();
  await code.click();
  await page.keyboard.press("Control+s");
  await expect(page.getByText("paper-global.yml saved")).toBeVisible();
  await expect(page.getByText("Unsaved")).toHaveCount(0);
  expect(files.text("/config/paper-global.yml")).toMatch(/# mine\n/);
  await page.getByRole("link", { name: "Back to the folder" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Files" })).toBeVisible();
});

test("the tab's closing is guarded too", async ({ page }) => {
  await open(page, `${at}/edit?path=/eula.txt`);
  await page.getByRole("textbox", { name: "Content of eula.txt" }).click();
  await page.keyboard.type("x");
  await expect(page.getByText("Unsaved")).toBeVisible();
  const asked = page.waitForEvent("dialog");
  void page.close({ runBeforeUnload: true });
  const dialog = await asked;
  expect(dialog.type()).toBe("beforeunload");
  await dialog.accept();
});

test("what was typed and not saved is offered again", async ({ page }) => {
  await open(page, `${at}/edit?path=/eula.txt`);
  const code = page.getByRole("textbox", { name: "Content of eula.txt" });
  await code.click();
  await page.keyboard.press("Control+Home");
  await page.keyboard.type("# draft\n");
  await expect
    .poll(() =>
      page.evaluate(
        () =>
          new Promise((resolve) => {
            const request = indexedDB.open("roost");
            request.onsuccess = () => {
              const { objectStoreNames } = request.result;
              if (!objectStoreNames.contains("drafts")) return resolve(0);
              const count = request.result.transaction("drafts").objectStore("drafts").count();
              count.onsuccess = () => resolve(count.result);
            };
          }),
      ),
    )
    .toBe(1);
  page.on("dialog", (dialog) => void dialog.accept());
  await page.reload();
  await expect(page.getByText("There is a draft of yours.")).toBeVisible();
  await accessible(page, "draft");
  await page.getByRole("button", { name: "Restore it" }).click();
  await expect(code).toContainText("# draft");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("eula.txt saved")).toBeVisible();
  await page.reload();
  await expect(code).toContainText("# draft");
  await expect(page.getByText("There is a draft of yours.")).toHaveCount(0);
});

test("a file that changed meanwhile is compared, loaded or overwritten", async ({ page }) => {
  const files = await open(page, `${at}/edit?path=/server.properties`);
  const code = page.getByRole("textbox", { name: "Content of server.properties" });
  await code.click();
  await page.keyboard.press("Control+End");
  await page.keyboard.type("mine=1\n");
  files.write("/server.properties", "theirs=1\n");
  await page.getByRole("button", { name: "Save" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByText("server.properties has changed meanwhile")).toBeVisible();
  await accessible(page, "conflict");
  await dialog.getByRole("button", { name: "Compare" }).click();
  await expect(dialog.getByText("theirs=1")).toBeVisible();
  await expect(dialog.getByText("mine=1")).toBeVisible();
  await page.screenshot({ path: "test-results/mocked-screens/overlay-compare-dark.png" });
  await accessible(page, "compare");
  await dialog.getByRole("button", { name: "Close" }).click();
  await dialog.getByRole("button", { name: "Overwrite" }).click();
  await expect(page.getByText("server.properties saved")).toBeVisible();
  expect(files.text("/server.properties")).toContain("mine=1");

  await code.click();
  await page.keyboard.type("again");
  files.write("/server.properties", "theirs=2\n");
  await page.getByRole("button", { name: "Save" }).click();
  await dialog.getByRole("button", { name: "Load theirs" }).click();
  await expect(code).toHaveText("theirs=2");
  await expect(page.getByText("Unsaved")).toHaveCount(0);

  await page.keyboard.press("Escape");
  await code.click();
  await page.keyboard.type("once more");
  files.stored.delete("/server.properties");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(dialog.getByText("server.properties was deleted meanwhile")).toBeVisible();
  await dialog.getByRole("button", { name: "Save as new" }).click();
  await expect.poll(() => files.text("/server.properties")).toContain("once more");
});

test("the history shows former versions", async ({ page }) => {
  await open(page, `${at}/edit?path=/config/paper-global.yml`);
  await page.getByRole("button", { name: "History" }).click();
  await page.getByRole("button", { name: /second/ }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByText("75.0")).toBeVisible();
  await dialog.getByRole("button", { name: "Take this version into the editor" }).click();
  await expect(page.getByText("Unsaved")).toBeVisible();
});

test("pictures are shown, binaries and what is too large are refused with a word", async ({ page }) => {
  const files = new MockFiles();
  files.stored.set("/huge.log", {
    content: Buffer.alloc(6 * 1024 * 1024, "a"),
    modified: "2026-11-01T00:00:00Z",
  });
  await open(page, `${at}/edit?path=/server-icon.png`, { files });
  await expect(page.getByText("2 × 2")).toBeVisible();
  await page.goto(`${at}/edit?path=/paper-1.21.8-84.jar`);
  await expect(page.getByText("Not a text")).toBeVisible();
  await page.goto(`${at}/edit?path=/huge.log`);
  await expect(page.getByText("Too large to be opened here")).toBeVisible();
  await expect(page.getByRole("button", { name: "Download" })).toBeVisible();
  await page.goto(`${at}/edit?path=/gone.txt`);
  await expect(page.getByText("This file does not exist")).toBeVisible();
});

test("an archive that the node can't look into says what to do", async ({ page }) => {
  await open(page);
  await page.getByRole("link", { name: /resource pack/ }).click();
  await expect(page.getByText("Could not look into this archive")).toBeVisible();
  await page.getByRole("link", { name: "Go to the folder above" }).click();
  await expect(row(page, "eula.txt")).toBeVisible();
});

test("who may only look gets nothing else offered", async ({ page }) => {
  await open(page, at, { permissions: ["files.read"] });
  await expect(page.getByRole("button", { name: "Upload" })).toHaveCount(0);
  await expect(page.getByRole("button", { name: "New", exact: true })).toHaveCount(0);
  await page.getByRole("button", { name: "Actions for eula.txt" }).click();
  await expect(page.getByRole("menuitem")).toHaveText([/Open/, /Details/]);
  await page.goto(`${at}/edit?path=/eula.txt`);
  await expect(page.getByText("You may not open files here")).toBeVisible();
  await mock(page, { permissions: ["files.read", "files.read-content"] });
  await page.goto(`${at}/edit?path=/eula.txt`);
  await expect(page.getByText("Read only")).toBeVisible();
  await mock(page, { permissions: ["control.console"] });
  await page.goto(`/server/${short}`);
  await expect(page.getByRole("link", { name: "Console" }).first()).toBeVisible();
  await expect(page.getByRole("link", { name: "Files" })).toHaveCount(0);
});

test("a node that is away says so, and what was there stays", async ({ page }) => {
  const files = await open(page);
  files.refused.set("list", { status: 503, code: "node_unreachable", message: "the node does not answer" });
  await page.getByRole("button", { name: "Load again" }).click();
  await expect(page.getByText(/this is how/)).toBeVisible({ timeout: 20_000 });
  await expect(row(page, "eula.txt")).toBeVisible();
  files.refused.clear();
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(page.getByText(/this is how/)).toHaveCount(0);
});

test("the pages speak German to those whose account asks for it", async ({ page }) => {
  await open(page, at, { language: "de" });
  await expect(page.getByRole("heading", { level: 1, name: "Dateien" })).toBeVisible();
  await expect(page.getByRole("button", { name: "Hochladen" })).toBeVisible();
  await expect(page.locator("html")).toHaveAttribute("lang", "de");
});

test("on a phone files are found, marked, edited and saved", async ({ browser }) => {
  const context = await browser.newContext({
    viewport: { width: 390, height: 844 },
    hasTouch: true,
    isMobile: true,
    reducedMotion: "reduce",
  });
  const page = await context.newPage();
  const files = await open(page);
  await page.getByRole("link", { name: "config" }).tap();
  await page.getByRole("link", { name: "paper-global.yml" }).tap();
  await page.getByRole("textbox", { name: "Content of paper-global.yml" }).tap();
  await page.getByRole("toolbar", { name: "Keys" }).getByRole("button", { name: "#" }).tap();
  await page.getByRole("button", { name: "Save" }).tap();
  await expect(page.getByText("paper-global.yml saved")).toBeVisible();
  expect(files.text("/config/paper-global.yml")).toMatch(/##|#/);
  await context.close();
});

for (const theme of ["dark", "light"] as const)
  test(`menus and marks in the list, ${theme}`, async ({ page }) => {
    await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
    const files = await open(page);
    files.operations = [
      {
        type: "compress",
        destination: "world.tar.gz",
        progress: 0.42,
        uuid: "5a0f5a0f-aaaa-4bbb-8ccc-000000000001",
      },
    ];
    await page.getByRole("button", { name: "Load again" }).click();
    await page.getByRole("checkbox", { name: "Select paper-1.21.8-84.jar" }).check();
    await page.getByRole("checkbox", { name: "Select paper-1.21.8-71.jar" }).check();
    files.hold();
    await page
      .locator('input[type="file"]')
      .first()
      .setInputFiles([
        { name: "resource-pack-summer.zip", mimeType: "text/plain", buffer: Buffer.alloc(100_000) },
        { name: "arena-03.schem", mimeType: "text/plain", buffer: Buffer.alloc(10_000) },
      ]);
    await expect(page.getByRole("region", { name: "Uploads" })).toBeVisible();
    await expect(page.getByText("42 %")).toBeVisible();
    const shot = async (name: string) => {
      await page.screenshot({ path: `test-results/mocked-screens/overlay-files-${name}-${theme}.png` });
      await accessible(page, `files ${name} ${theme}`);
    };
    await shot("busy");
    await page.getByRole("button", { name: "More actions" }).click();
    await shot("menu");
    await page.keyboard.press("Escape");
    await page.setViewportSize({ width: 390, height: 844 });
    await shot("phone");
  });
