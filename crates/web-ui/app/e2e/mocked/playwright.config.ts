import { defineConfig } from "@playwright/test";
import { browser } from "../browser";

const port = 4599;

// Pages with canned answers, for working on the look: needs a build, but neither server nor database.
export default defineConfig({
  testDir: ".",
  outputDir: "../../test-results/mocked",
  fullyParallel: true,
  workers: 2,
  reporter: "list",
  timeout: 60_000,
  use: { ...browser, baseURL: `http://127.0.0.1:${port}`, viewport: { width: 1440, height: 900 } },
  webServer: {
    command: `npx vite preview --host 127.0.0.1 --port ${port} --strictPort`,
    cwd: "../..",
    url: `http://127.0.0.1:${port}/`,
    reuseExistingServer: true,
  },
});
