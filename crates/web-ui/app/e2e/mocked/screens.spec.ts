import { expect, test } from "@playwright/test";
import { capture } from "../screens";
import { mock } from "./mock";
import { pages } from "./pages";

for (const [name, path, heading, options] of pages) {
  test(name, async ({ page }) => {
    const problems: string[] = [];
    page.on("pageerror", (error) => problems.push(error.message));
    await mock(page, options);
    await page.goto(path);
    await expect(page.getByRole("heading", { level: 1, name: heading })).toBeVisible();
    await expect(page.locator("[aria-busy=true]")).toHaveCount(0);
    if (name.startsWith("console")) await expect(page.getByText("Live", { exact: true })).toBeVisible();
    if (name === "admin-server-new") await page.getByText("Paper", { exact: true }).click();
    // Six readings make a line that can be judged.
    if (name === "console")
      await expect
        .poll(() => page.locator(".datatable tbody tr").count(), { timeout: 20_000 })
        .toBeGreaterThan(5);
    await capture(page, name, "mocked-screens");
    expect(problems).toEqual([]);
  });
}
