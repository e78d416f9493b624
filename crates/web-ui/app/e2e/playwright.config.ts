import { defineConfig } from "@playwright/test";
import { browser } from "./browser";

if (!process.env.ROOST_URL)
  throw new Error(
    "ROOST_URL is not set, so there is no panel to test. Run `cargo xtask browser`: it starts one on an empty database and runs these tests against it.",
  );

// Against a running panel that starts from an empty database; `cargo xtask browser` starts one and sets the variables:
// ROOST_URL, ROOST_SETUP_TOKEN, ROOST_SIM_URL (the address the simulated node will listen on) and, where the real
// eggs are at hand, ROOST_EGG_FILE.
export default defineConfig({
  testDir: ".",
  testIgnore: "mocked/**",
  outputDir: "../test-results/e2e",
  fullyParallel: false,
  workers: 1,
  retries: 0,
  timeout: 180_000,
  expect: { timeout: 20_000 },
  reporter: "list",
  use: {
    ...browser,
    baseURL: process.env.ROOST_URL,
    viewport: { width: 1440, height: 900 },
    screenshot: "only-on-failure",
    trace: "retain-on-failure",
  },
});
