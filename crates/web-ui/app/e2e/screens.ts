import AxeBuilder from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";

export const sizes = { desktop: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } };
const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

/** Switches the theme as the account menu does. */
async function setTheme(page: Page, theme: "dark" | "light"): Promise<void> {
  await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
}

/**
 * Takes pictures of a page at both sizes and in both themes into `test-results/screens/`, checks each with axe and
 * against sideways scrolling.
 */
export async function capture(page: Page, name: string, folder = "screens"): Promise<void> {
  // Neither a hovered row nor a message that is about to leave belongs into the picture.
  await page.mouse.move(0, 0);
  await page.evaluate(() => {
    for (const close of document.querySelectorAll<HTMLElement>('[aria-label="Close notice"]')) close.click();
  });
  await expect(page.locator(".toasts .toast")).toHaveCount(0);
  for (const [size, viewport] of Object.entries(sizes)) {
    await page.setViewportSize(viewport);
    await page.evaluate(() => window.scrollTo(0, 0));
    for (const theme of ["dark", "light"] as const) {
      await setTheme(page, theme);
      await expect(page.locator("html")).toHaveAttribute("data-theme", theme);
      await page.screenshot({ path: `test-results/${folder}/${name}-${size}-${theme}.png` });
      await accessible(page, `${name} ${size} ${theme}`);
    }
    // What a phone shows only after scrolling has to be looked at too.
    if (size === "phone")
      await page.screenshot({ path: `test-results/${folder}/whole/${name}-${size}.png`, fullPage: true });
    await noSidewaysScroll(page);
  }
  await page.setViewportSize(sizes.desktop);
  await setTheme(page, "dark");
}

/** Fails on any WCAG 2.2 AA finding. */
export async function accessible(page: Page, what: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).withTags(tags).analyze();
  const text = violations.map(
    (v) => `${v.id}: ${v.nodes.map((n) => `${n.target.join(" ")} ${n.failureSummary}`).join("; ")}`,
  );
  expect(text, what).toEqual([]);
}

async function noSidewaysScroll(page: Page): Promise<void> {
  const over = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(over, "the page scrolls sideways").toBeLessThanOrEqual(0);
}
