import { expect, test } from "@playwright/test";
import { mock } from "./mock";
import { pages } from "./pages";

for (const width of [320, 900]) {
  test(`no page scrolls sideways at ${width} px`, async ({ browser }) => {
    test.setTimeout(240_000);
    const wide: string[] = [];
    for (const [name, path, heading, options] of pages) {
      const context = await browser.newContext({ viewport: { width, height: 800 }, reducedMotion: "reduce" });
      const page = await context.newPage();
      await mock(page, options);
      await page.goto(path);
      await expect(page.getByRole("heading", { level: 1, name: heading })).toBeVisible();
      await expect(page.locator("[aria-busy=true]")).toHaveCount(0);
      const over = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      if (over > 0) wide.push(`${name}: ${over} px`);
      await page.screenshot({ path: `test-results/mocked-screens/at-${width}/${name}.png` });
      await context.close();
    }
    expect(wide).toEqual([]);
  });
}
