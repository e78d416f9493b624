import { expect, test } from "@playwright/test";
import { accessible } from "../screens";
import { nodes, servers } from "./fixtures";
import { mock } from "./mock";

for (const theme of ["dark", "light"] as const) {
  test.describe(theme, () => {
    test.use({ colorScheme: theme, reducedMotion: "reduce" });

    test("menus, dialogs, notices and the palette", async ({ page }) => {
      const shot = async (name: string) => {
        await page.screenshot({ path: `test-results/mocked-screens/overlay-${name}-${theme}.png` });
        await accessible(page, `${name} ${theme}`);
      };
      await mock(page);
      await page.goto("/");
      await page.getByRole("button", { name: /Account menu/ }).click();
      await expect(page.getByRole("menuitem", { name: "Sign out" })).toBeVisible();
      await shot("account-menu");
      await page.keyboard.press("Escape");
      await page.getByRole("button", { name: "Actions for Ashlands" }).click();
      await page.getByRole("menuitem", { name: "Restart" }).click();
      await expect(page.getByText("Ashlands: Restart sent")).toBeVisible();
      await shot("notice");
      await page.keyboard.press("Control+k");
      await page.getByRole("combobox").fill("s");
      await expect(page.getByRole("option").first()).toBeVisible();
      await shot("palette");

      await page.goto(`/admin/nodes/${nodes[0]?.uuid}`);
      await page.getByRole("button", { name: "Delete node" }).click();
      await expect(page.getByRole("dialog")).toBeVisible();
      await shot("confirm");

      await page.goto("/admin/locations");
      await page.getByRole("button", { name: "New location" }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Create" }).click();
      await expect(page.getByText("This is needed.")).toBeVisible();
      await shot("dialog-error");

      await page.goto("/admin/servers/new");
      await page.getByLabel("Owner").click();
      await expect(page.getByRole("option").first()).toBeVisible();
      await shot("select");

      await page.goto(`/server/${servers[0]?.uuid_short}`);
      await expect(page.getByText("Live", { exact: true })).toBeVisible();
      await page.getByRole("button", { name: "More" }).click();
      await shot("console-menu");
    });

    test("the drawer and the power menu on a phone", async ({ page }) => {
      await page.setViewportSize({ width: 390, height: 844 });
      await mock(page);
      await page.goto(`/server/${servers[0]?.uuid_short}`);
      await expect(page.getByText("Live", { exact: true })).toBeVisible();
      await page.getByRole("button", { name: "Power" }).click();
      await page.screenshot({ path: `test-results/mocked-screens/overlay-power-phone-${theme}.png` });
      await page.keyboard.press("Escape");
      await page.getByRole("button", { name: "Menu" }).last().click();
      await expect(page.getByRole("dialog").getByRole("link", { name: "Console" })).toBeVisible();
      await page.screenshot({ path: `test-results/mocked-screens/overlay-drawer-phone-${theme}.png` });
      await accessible(page, `drawer ${theme}`);
    });

    test("a list that can't be loaded", async ({ page }) => {
      await mock(page);
      await page.route("**/api/client/servers?*", (route) =>
        route.fulfill({
          status: 500,
          json: { errors: ["something broke"], code: "internal", request_id: "01JD6K2V" },
        }),
      );
      await page.goto("/");
      await expect(page.getByText("Could not load the servers")).toBeVisible();
      await page.screenshot({ path: `test-results/mocked-screens/overlay-error-${theme}.png` });
      await accessible(page, `error ${theme}`);
    });
  });
}
