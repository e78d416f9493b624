import { expect, test } from "@playwright/test";
import { mock } from "./mock";
import { pages } from "./pages";

const folder = "../../../docs/guide/images";
const shown: Record<string, string> = {
  servers: "servers",
  console: "console",
  files: "files",
  "server-schedule": "schedule",
  "server-backups": "backups",
  "server-people": "people",
  "account-security": "account",
};

test.describe("pictures of the guide", () => {
  // They change with every look; whoever changes the look makes them anew.
  test.skip(!process.env.GUIDE, "made when GUIDE is set");
  test.use({ viewport: { width: 1120, height: 700 }, colorScheme: "light" });
  for (const [name, path, heading, options] of pages) {
    const picture = shown[name];
    if (!picture) continue;
    test(name, async ({ page }) => {
      await mock(page, options);
      await page.goto(path);
      await expect(page.getByRole("heading", { level: 1, name: heading })).toBeVisible();
      await page.waitForLoadState("networkidle");
      await page.screenshot({ path: `${folder}/${picture}.png`, animations: "disabled" });
    });
  }
});
