// The whole line in one browser, from an empty database to a command echoed in a server's console. The tests build
// on each other: each page is also photographed and checked on the way, as it looks with real data.
import { createHmac } from "node:crypto";
import { expect, type Page, test } from "@playwright/test";
import { capture, sizes } from "./screens";

const token = process.env.ROOST_SETUP_TOKEN ?? "";
const node = process.env.ROOST_SIM_URL ?? "";
const eggFile = process.env.ROOST_EGG_FILE;
const password = "kingfisher on a wire";
const server = "First Flight";

test.describe.configure({ mode: "serial" });

let page: Page;
const problems: string[] = [];

test.beforeAll(async ({ browser, baseURL }) => {
  const context = await browser.newContext({
    ...(baseURL ? { baseURL } : {}),
    viewport: { width: 1440, height: 900 },
  });
  page = await context.newPage();
  page.on("pageerror", (error) => problems.push(error.message));
  page.on("console", (message) => {
    // The browser itself reports every answer of 400 and above; the pages ask such questions on purpose.
    if (message.type() === "error" && !message.text().startsWith("Failed to load resource"))
      problems.push(message.text());
  });
});

test.afterAll(async () => {
  await page?.context().close();
});

test.afterEach(() => {
  expect(problems).toEqual([]);
});

/** What an authenticator with this secret shows at this moment (RFC 6238). */
function code(secret: string, at: number): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = [...secret].map((c) => alphabet.indexOf(c).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(at / 30_000)));
  const hash = createHmac("sha1", key).update(step).digest();
  const from = (hash.at(-1) ?? 0) & 15;
  return ((hash.readUInt32BE(from) & 0x7fff_ffff) % 1_000_000).toString().padStart(6, "0");
}

async function heading(name: string | RegExp): Promise<void> {
  await expect(page.getByRole("heading", { level: 1, name, exact: true })).toBeVisible();
  await expect(page.locator("[aria-busy=true]")).toHaveCount(0);
}

test("an empty panel leads to the setup", async () => {
  await page.goto("/admin/nodes");
  await expect(page).toHaveURL(/\/setup/);
  await heading("Administrator account");
  await capture(page, "setup-account");
});

test("a wrong setup token is refused at its field or above the form", async () => {
  await page.getByLabel("Setup token").fill("not-the-token");
  await page.getByLabel("Username").fill("operator");
  await page.getByLabel("Email").fill("operator@example.net");
  await page.getByLabel("First name").fill("Panel");
  await page.getByLabel("Last name").fill("Operator");
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Create account" }).click();
  await expect(page.locator(".errmsg, .alert-inline.failed")).toBeVisible();
});

test("the right one makes the administrator", async () => {
  await page.getByLabel("Setup token").fill(token);
  await page.getByRole("button", { name: "Create account" }).click();
  await heading("Location");
  await capture(page, "setup-location");
});

test("a location is created", async () => {
  await page.getByRole("button", { name: "Create location" }).click();
  await expect(page.getByLabel("Name")).toBeFocused();
  await page.getByLabel("Name").fill("Loopback");
  await page.getByRole("button", { name: "Create location" }).click();
  await heading("First node");
  await capture(page, "setup-node");
});

test("a node is created and its daemon calls", async () => {
  await page.getByLabel("Name").fill("node-1");
  await page.getByLabel("Address of the daemon").fill(node);
  await page.getByLabel("Memory for servers").fill("32");
  await page.getByLabel("Disk for servers").fill("200");
  await page.getByRole("button", { name: "Create node" }).click();
  await heading("Connect the node");
  await expect(page.locator("pre")).toContainText("token");
  await expect(page.getByRole("button", { name: "Continue", exact: true })).toBeEnabled({ timeout: 60_000 });
  await capture(page, "setup-connect");
});

test("the setup can be left and taken up again", async () => {
  await page.goto("/");
  await expect(page.getByText("Setup is not finished.").last()).toBeVisible();
  await page.getByRole("link", { name: "Continue setup" }).click();
  await heading(/Connect the node|Addresses/);
  await page.goto("/setup?step=allocations");
  await heading("Addresses");
});

test("addresses are added in ranges", async () => {
  await page.getByLabel("IP address").fill("127.0.0.1");
  await page.getByLabel("Ports").fill("25600-");
  await page.getByRole("button", { name: "Add addresses" }).click();
  await expect(page.getByText("“25600-” is neither a port nor a range.")).toBeVisible();
  await page.getByLabel("Ports").fill("25565, 25600-25609");
  await expect(page.getByText("11 ports")).toBeVisible();
  await page.getByRole("button", { name: "Add addresses" }).click();
  await expect(page.getByText("11 free addresses on node-1.")).toBeVisible();
  await capture(page, "setup-allocations");
  await page.getByRole("button", { name: "Continue" }).click();
  await heading("Eggs");
});

test("an egg is imported from a real file", async () => {
  if (eggFile) {
    await page.locator('input[type="file"]').setInputFiles(eggFile);
    await expect(page.getByText("Paper imported")).toBeVisible();
  } else {
    test.info().annotations.push({
      type: "skipped",
      description: "ROOST_EGG_FILE is not set: a starter egg stands in",
    });
    for (const name of ["Vanilla", "Velocity", "Bedrock"]) {
      const box = page.getByRole("checkbox", { name: new RegExp(name) });
      if (await box.count()) await box.first().uncheck();
    }
    await page.getByRole("button", { name: /^Install/ }).click();
    await expect(page.getByText("Installed").first()).toBeVisible();
  }
  await capture(page, "setup-eggs");
  await page.getByRole("button", { name: "Continue" }).click();
  await heading("First server");
});

test("the first server is created, with its settings checked by the egg", async () => {
  await page.getByRole("button", { name: "Create server" }).click();
  await expect(page.getByLabel("Name", { exact: true })).toBeFocused();
  await page.getByLabel("Name", { exact: true }).fill(server);
  await page.locator(".pick").getByText("Paper", { exact: true }).click();
  const jar = page.getByLabel(/SERVER_JARFILE/);
  await expect(jar).toBeVisible();
  await jar.fill("server.exe");
  await expect(page.getByText("The value has not the form that the egg asks for.")).toBeVisible();
  await page.getByRole("button", { name: "Create server" }).click();
  await expect(jar).toBeFocused();
  await jar.fill("server.jar");
  await page.getByLabel("Start when installed").uncheck();
  await capture(page, "setup-server");
  await page.getByRole("button", { name: "Create server" }).click();
  await heading("Ready");
  await capture(page, "setup-done");
  await page.getByRole("button", { name: "Open the console" }).click();
  await heading(server);
});

test("the server installs, starts and echoes a command", async () => {
  const state = page.locator(".topbar .st.pill").first();
  await expect(page.getByText("Live", { exact: true })).toBeVisible({ timeout: 60_000 });
  await expect(state).toHaveText("Offline", { timeout: 90_000 });
  await page.getByRole("button", { name: "Start", exact: true }).click();
  await expect(state).toHaveText("Running", { timeout: 60_000 });
  await expect(page.getByRole("button", { name: "Stop", exact: true })).toBeEnabled();
  const command = page.getByRole("textbox", { name: "Command" });
  await command.fill("say hello from the browser");
  await command.press("Enter");
  await expect(command).toHaveValue("");
  // Once as typed, and once more from the daemon.
  const echoes = page.locator(".xterm-rows > div", { hasText: "hello from the browser" });
  await expect.poll(() => echoes.count()).toBeGreaterThan(1);
  await command.press("ArrowUp");
  await expect(command).toHaveValue("say hello from the browser");
  await command.fill("");
  await capture(page, "console");
});

test("the figures are there as a table too, on phones as well", async () => {
  for (const size of [sizes.phone, sizes.desktop]) {
    await page.setViewportSize(size);
    await page.getByText("Show data").click();
    await expect(page.getByRole("columnheader", { name: "CPU" })).toBeVisible();
    await expect(page.locator(".datatable tbody tr").first()).toBeVisible();
    await page.getByText("Show data").click();
  }
});

test("a reload shows the log again, once", async () => {
  const rows = page.locator(".xterm-rows > div", { hasText: "hello from the browser" });
  const before = await rows.count();
  await page.reload();
  await expect(page.getByText("Live", { exact: true })).toBeVisible();
  await expect(rows.first()).toBeVisible();
  expect(await rows.count()).toBeLessThanOrEqual(before);
});

test("a file is uploaded to the node, edited, renamed and deleted", async () => {
  test.setTimeout(300_000);
  await page.getByRole("link", { name: "Files" }).first().click();
  await heading("Files");
  const entry = (name: string) => page.getByRole("row", { name: new RegExp(name) });
  const menu = async (name: string, action: string) => {
    await page.getByRole("button", { name: `Actions for ${name}` }).click();
    await page.getByRole("menuitem", { name: action }).click();
  };
  const dialog = page.getByRole("dialog");
  await expect(entry("logs")).toBeVisible();
  await capture(page, "files");

  // The browser sends it to the node itself, which is another origin.
  const input = page.locator('input[type="file"]').first();
  const uploaded = Buffer.from("motd: hello\nslots: 20\n");
  await input.setInputFiles([{ name: "first upload.yml", mimeType: "text/plain", buffer: uploaded }]);
  await expect(page.getByText("1 file uploaded")).toBeVisible();
  await expect(entry("first upload.yml")).toBeVisible();
  await input.setInputFiles([{ name: "first upload.yml", mimeType: "text/plain", buffer: uploaded }]);
  await expect(dialog.getByText("first upload.yml is there already")).toBeVisible();
  await dialog.getByRole("button", { name: "Skip" }).click();
  await expect(dialog).toHaveCount(0);

  await page.getByRole("link", { name: "first upload.yml" }).click();
  await heading("first upload.yml");
  const code = page.getByRole("textbox", { name: "Content of first upload.yml" });
  await expect(code).toContainText("slots: 20");
  await code.click();
  await page.keyboard.press("Control+End");
  await page.keyboard.type("mine: true\n");
  await expect(page.getByText("Unsaved")).toBeVisible();
  await capture(page, "file-editor");
  await code.click();
  await page.keyboard.press("Control+s");
  await expect(page.getByText("first upload.yml saved")).toBeVisible();
  await page.reload();
  await expect(code).toContainText("mine: true");

  // Another window writes to it while this one is at it.
  const other = await page.context().newPage();
  await other.goto(page.url());
  const theirs = other.getByRole("textbox", { name: "Content of first upload.yml" });
  await theirs.click();
  await other.keyboard.press("Control+End");
  await other.keyboard.type("theirs: true\n");
  await other.keyboard.press("Control+s");
  await expect(other.getByText("first upload.yml saved")).toBeVisible();
  await other.close();
  await code.click();
  await page.keyboard.press("Control+End");
  await page.keyboard.type("again: true\n");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(dialog.getByText("first upload.yml has changed meanwhile")).toBeVisible();
  await dialog.getByRole("button", { name: "Compare" }).click();
  await expect(dialog.getByText("theirs: true")).toBeVisible();
  await dialog.getByRole("button", { name: "Close" }).click();
  await dialog.getByRole("button", { name: "Load theirs" }).click();
  await expect(code).toContainText("theirs: true");
  await expect(code).not.toContainText("again: true");

  await page.getByRole("link", { name: "Back to the folder" }).click();
  await heading("Files");
  await menu("first upload.yml", "Rename");
  await dialog.getByLabel("New name").fill("renamed.yml");
  await dialog.getByRole("button", { name: "Rename" }).click();
  await expect(entry("renamed.yml")).toBeVisible();
  await expect(entry("first upload.yml")).toHaveCount(0);
  await page.reload();
  await expect(entry("renamed.yml")).toBeVisible();

  await page.getByRole("button", { name: "New", exact: true }).click();
  await page.getByRole("menuitem", { name: "New folder" }).click();
  await dialog.getByLabel("Name").fill("kept");
  await dialog.getByRole("button", { name: "Create folder" }).click();
  await expect(entry("kept")).toBeVisible();
  await menu("renamed.yml", "Move");
  await dialog.getByRole("button", { name: "kept" }).click();
  await expect(dialog.getByText("No folders in it.")).toBeVisible();
  await dialog.getByRole("button", { name: "Move here" }).click();
  await expect(entry("renamed.yml")).toHaveCount(0);
  await page.getByRole("link", { name: "kept" }).click();
  await expect(entry("renamed.yml")).toBeVisible();

  await menu("renamed.yml", "Delete");
  await dialog.getByRole("button", { name: "Delete", exact: true }).click();
  await expect(page.getByText("This folder is empty")).toBeVisible();
  await page.reload();
  await expect(page.getByText("This folder is empty")).toBeVisible();
  await page.getByRole("link", { name: "Console" }).first().click();
  await heading(server);
});

test("the server list shows it running", async () => {
  await page.goto("/");
  await heading("Servers");
  await expect(page.locator(".sc", { hasText: server }).getByText("Running")).toBeVisible();
  await capture(page, "servers");
});

test("the palette finds it by keyboard", async () => {
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox").fill("first");
  await expect(page.getByRole("option", { name: /First Flight/ })).toBeVisible();
  await page.keyboard.press("Enter");
  await heading(server);
});

test("a schedule is written, and stands after a reload", async () => {
  test.setTimeout(300_000);
  await page.getByRole("link", { name: "Schedules", exact: true }).first().click();
  await heading("Schedules");
  await page.getByRole("button", { name: "New schedule" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name").fill("Nightly");
  await dialog.getByRole("button", { name: "New schedule" }).click();
  await expect(page.getByRole("heading", { level: 2, name: "Nightly" })).toBeVisible();
  await page.getByRole("button", { name: "Add step" }).click();
  await dialog.getByLabel("Command").fill("say good night");
  await dialog.getByRole("button", { name: "Add step" }).click();
  await expect(page.getByText("say good night")).toBeVisible();
  await page.getByLabel("Repeat").selectOption("daily");
  await page.getByLabel("At", { exact: true }).fill("04:30");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expect(page.getByText("Schedule saved")).toBeVisible();
  await page.reload();
  await expect(page.getByLabel("At", { exact: true })).toHaveValue("04:30");
  await expect(page.getByText("say good night")).toBeVisible();
  await capture(page, "server-schedule");
  await page.getByRole("link", { name: "All schedules" }).click();
  await expect(page.getByText("Every day at 04:30")).toBeVisible();
  await capture(page, "server-schedules");
});

test("what was done is written down, and people can be invited", async () => {
  test.setTimeout(300_000);
  await page.getByRole("link", { name: "Activity", exact: true }).first().click();
  await heading("Activity");
  await expect(page.getByText("Schedule created")).toBeVisible();
  await capture(page, "server-activity");
  await page.getByRole("link", { name: "People", exact: true }).first().click();
  await heading("People");
  await page.getByRole("button", { name: "Invite" }).first().click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel(/E-mail address/).fill("nobody@example.net");
  await dialog.getByLabel("files: Everything of this group").check();
  await dialog.getByRole("button", { name: "Invite" }).click();
  // Who has no account gets one.
  await expect(page.getByText("can see this server now", { exact: false })).toBeVisible();
  await expect(dialog).toHaveCount(0);
  await expect(page.getByRole("table").getByText("No second factor")).toBeVisible();
  await capture(page, "server-people");
  await page.getByRole("link", { name: "Backups", exact: true }).first().click();
  await heading("Backups");
  await capture(page, "server-backups");
});

test("a second factor is turned on, asked for, and turned off", async () => {
  test.setTimeout(300_000);
  await page.goto("/account/security");
  await heading("Account");
  await expect(page.getByText("This one")).toBeVisible();
  await capture(page, "account-security");
  await page.getByRole("button", { name: "Turn on" }).click();
  const dialog = page.getByRole("dialog");
  const secret = (await dialog.locator(".copy .trunc").textContent()) ?? "";
  await dialog.getByLabel(/Code from the app/).fill(code(secret, Date.now()));
  await dialog.getByLabel("Current password").fill(password);
  await dialog.getByRole("button", { name: "Turn on" }).click();
  const list = page.getByRole("dialog", { name: "Keep these recovery codes" });
  await expect(list.getByRole("listitem")).toHaveCount(10);
  const [first = "", second = ""] = await list.getByRole("listitem").allInnerTexts();
  await list.getByRole("button", { name: "I have kept them" }).click();
  await expect(page.getByText("On. Signing in asks for a code", { exact: false })).toBeVisible();

  await page
    .getByRole("button", { name: /Account menu/ })
    .first()
    .click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await heading("Sign in");
  await page.getByLabel("Username or email").fill("operator");
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await heading("One more step");
  await capture(page, "sign-in-code");
  await page.getByRole("button", { name: "The app is lost? Use a recovery code" }).click();
  await page.getByLabel("Recovery code").fill(first);
  await page.getByRole("button", { name: "Sign in" }).click();
  await heading("Servers");

  await page.goto("/account/security");
  await page.getByRole("button", { name: "Turn off" }).click();
  await dialog.getByLabel(/recovery code/).fill(second);
  await dialog.getByLabel("Current password").fill(password);
  await dialog.getByRole("button", { name: "Turn off" }).click();
  await expect(page.getByText("Second factor turned off")).toBeVisible();
});

test("a key is made and shown once, and a snippet is at hand in the console", async () => {
  test.setTimeout(300_000);
  await page.goto("/account/api-keys");
  await page.getByRole("button", { name: "New API key" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("What it is for").fill("Billing");
  await dialog.getByLabel("control: Everything of this group").check();
  await dialog.getByRole("button", { name: "Create key" }).click();
  await expect(page.locator(".secret-line")).toHaveText(/^roost_/);
  await page.getByRole("button", { name: "I have kept it" }).click();
  await expect(page.getByText("Billing")).toBeVisible();
  await capture(page, "account-api-keys");
  await page.goto("/account/snippets");
  await page.getByRole("button", { name: "New snippet" }).click();
  await dialog.getByLabel("Name").fill("Greet");
  await dialog.getByLabel("Command").fill("say hello to all");
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Snippet saved")).toBeVisible();
  await page.goto("/");
  await page.getByRole("link", { name: server }).click();
  await heading(server);
  await page.getByRole("button", { name: "Command snippets" }).click();
  await page.getByRole("menuitem", { name: /Greet/ }).click();
  await expect(page.getByLabel("Command", { exact: true })).toHaveValue("say hello to all");
});

test("every page of the admin area stands", async () => {
  test.setTimeout(600_000);
  await page.goto("/admin");
  await heading("Overview");
  await expect(page.getByText("Healthy").first()).toBeVisible();
  await capture(page, "admin-overview");

  await page.getByRole("link", { name: "Locations", exact: true }).first().click();
  await heading("Locations");
  await capture(page, "admin-locations");
  await page.getByRole("button", { name: "New location" }).click();
  await expect(page.getByRole("dialog")).toBeVisible();
  await capture(page, "admin-location-new");
  await page.keyboard.press("Escape");

  await page.goto("/admin/nodes");
  await heading("Nodes");
  await capture(page, "admin-nodes");
  await page.getByRole("link", { name: "New node" }).click();
  await heading("New node");
  await capture(page, "admin-node-new");
  await page.goto("/admin/nodes");
  await page.getByRole("link", { name: "node-1" }).click();
  await heading("node-1");
  await capture(page, "admin-node");
  for (const tab of ["Settings", "Configuration", "Allocations"]) {
    await page.getByRole("navigation", { name: "Node" }).getByRole("link", { name: tab }).click();
    await heading("node-1");
    await capture(page, `admin-node-${tab.toLowerCase()}`);
  }

  await page.goto("/admin/nests");
  await heading("Nests and eggs");
  await capture(page, "admin-nests");
  await page.getByRole("button", { name: "Import an egg" }).click();
  await expect(page.getByRole("dialog")).toBeVisible();
  await capture(page, "admin-egg-import");
  await page.keyboard.press("Escape");
  await page.locator(".tbl a.nm").first().click();
  await expect(page.getByRole("button", { name: "Delete nest" })).toBeVisible();
  await capture(page, "admin-nest");
  await page.getByRole("link", { name: "Paper", exact: true }).click();
  await heading("Paper");
  await capture(page, "admin-egg");

  await page.goto("/admin/servers");
  await heading("Servers");
  await capture(page, "admin-servers");
  await page.getByRole("link", { name: server }).click();
  await heading(server);
  await capture(page, "admin-server");
  await page.goto("/admin/nowhere");
  await heading("This page does not exist");
  await capture(page, "not-found");
});

test("a server is created with more than one address", async () => {
  test.setTimeout(300_000);
  const name = "Second Flight";
  await page.goto("/admin/servers/new");
  await heading("New server");
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.locator(".pick").getByText("Paper", { exact: true }).click();
  await expect(page.getByText("10 free on node-1")).toBeVisible();
  await expect(page.getByLabel("Main address")).toHaveValue("127.0.0.1:25600");
  const more = page.getByLabel(/^More addresses/);
  for (const port of [25_603, 25_604]) {
    await more.fill(String(port));
    await page.getByRole("option", { name: `127.0.0.1:${port}` }).click();
  }
  await page.keyboard.press("Escape");
  const summary = page.getByRole("complementary", { name: "Summary" });
  await expect(summary.getByText("127.0.0.1:25600 + 2")).toBeVisible();
  await expect(summary.getByText("operator")).toBeVisible();
  await expect(page.getByText("10 free on node-1")).toBeVisible();
  await capture(page, "admin-server-new");
  await page.getByRole("button", { name: "Create server" }).click();
  await heading(name);
  await page.goto("/admin/nodes");
  await page.getByRole("link", { name: "node-1" }).click();
  await page.getByRole("navigation", { name: "Node" }).getByRole("link", { name: "Allocations" }).click();
  await expect(page.getByRole("link", { name })).toHaveCount(3);
});

test("a node that is away shows its servers as unreachable, and as they are when it is back", async () => {
  test.setTimeout(300_000);
  const settings = async (address: string) => {
    await page.goto("/admin/nodes");
    await page.getByRole("link", { name: "node-1" }).click();
    await page.getByRole("navigation", { name: "Node" }).getByRole("link", { name: "Settings" }).click();
    await page.getByLabel("Address of the daemon").fill(address);
    await page.getByRole("button", { name: "Save changes" }).click();
    await expect(page.getByText("Saved", { exact: true })).toBeVisible();
    await page.goto("/");
    await heading("Servers");
  };
  const card = page.locator(".sc", { hasText: server });
  // Nothing listens on the port of a discarded service.
  await settings("http://127.0.0.1:9");
  await expect(card.getByText("Node unreachable")).toBeVisible();
  await expect(page.getByText("node-1 does not answer.", { exact: true })).toBeVisible();
  await capture(page, "servers-unreachable");
  await settings(node);
  await expect(card.getByText("Running")).toBeVisible({ timeout: 60_000 });
  await expect(page.getByText("node-1 does not answer.", { exact: true })).toHaveCount(0);
});

test("a user is created, changed and deleted by name", async () => {
  test.setTimeout(300_000);
  await page.goto("/admin/users");
  await heading("Users");
  await capture(page, "admin-users");
  await page.getByRole("link", { name: "New user" }).click();
  await heading("New user");
  await page.getByRole("button", { name: "Create user" }).click();
  await expect(page.getByLabel("Username")).toBeFocused();
  await capture(page, "admin-user-new");
  await page.getByLabel("Username").fill("second");
  await page.getByLabel("Email").fill("second@example.net");
  await page.getByLabel("First name").fill("Second");
  await page.getByLabel("Last name").fill("Person");
  await page.getByLabel("Password", { exact: true }).fill("another long phrase");
  await page.getByRole("button", { name: "Create user" }).click();
  await heading("Users");
  await page.getByRole("link", { name: "second", exact: true }).click();
  await heading("second");
  await capture(page, "admin-user");
  await page.getByLabel("Last name").fill("Changed");
  await page.getByRole("button", { name: "Save changes" }).click();
  await expect(page.getByText("Saved", { exact: true })).toBeVisible();
  await page.getByRole("button", { name: "Delete user" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByRole("button", { name: "Delete user" })).toBeDisabled();
  await dialog.getByRole("textbox").fill("second");
  await dialog.getByRole("button", { name: "Delete user" }).click();
  await heading("Users");
  await expect(page.getByRole("link", { name: "second", exact: true })).toHaveCount(0);
});

test("signing out and in again, with a wrong password first", async () => {
  await page.goto("/");
  await page.getByRole("button", { name: /Account menu/ }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await heading("Sign in");
  await capture(page, "sign-in");
  await page.goto("/admin/users");
  await heading("Sign in");
  await page.getByLabel("Username or email").fill("operator");
  await page.getByLabel("Password", { exact: true }).fill("wrong");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByText("Username or password is wrong.")).toBeVisible();
  await expect(page.getByLabel("Password", { exact: true })).toBeFocused();
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.keyboard.press("Enter");
  await heading("Users");
});

test("the theme is chosen and kept", async () => {
  await page.getByRole("button", { name: /Account menu/ }).click();
  await page.getByRole("menuitemradio", { name: "Light" }).click();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "light");
  await page.reload();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "light");
  await page.getByRole("button", { name: /Account menu/ }).click();
  await page.getByRole("menuitemradio", { name: "Follow the system" }).click();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
});

test("the server is stopped, and deleted by name", async () => {
  await page.goto("/");
  await page.getByRole("link", { name: server }).click();
  await page.getByRole("button", { name: "Stop", exact: true }).click();
  await expect(page.locator(".topbar .st.pill").first()).toHaveText("Offline", { timeout: 60_000 });
  await page.goto("/admin/servers");
  await page.getByRole("link", { name: server }).click();
  await page.getByRole("button", { name: "Delete server" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox").fill(server);
  await dialog.getByRole("button", { name: "Delete server" }).click();
  await heading("Servers");
  await expect(page.getByRole("link", { name: server })).toHaveCount(0);
});
