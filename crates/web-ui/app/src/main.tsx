import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { RawIntlProvider } from "react-intl";
import { whenSignedOut } from "./api/client";
import type { ApiFailure } from "./api/error";
import { accountQuery, settingsQuery } from "./api/queries";
import { speak, useLanguage } from "./i18n";
import { useTheme } from "./lib/theme-store";
import { makeRouter } from "./router";
import { rememberName } from "./shell/panel-name";
import "./styles/index.css";
import { cssVariables, theme } from "./theme";
import { ToastRegion } from "./ui/toasts";

const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      // A refusal stays a refusal; only a lost answer is worth asking again.
      retry: (count, error) => count < 2 && [0, 502, 503, 504].includes((error as ApiFailure).status),
    },
  },
});
const router = makeRouter(client);

whenSignedOut(() => {
  const { pathname, href } = router.state.location;
  // Before anybody signed in there is no session that could have ended.
  if (!client.getQueryData(accountQuery.queryKey) || /^\/(auth|setup)/.test(pathname)) return;
  client.clear();
  client.setQueryData(accountQuery.queryKey, null);
  void router.navigate({ to: "/auth/login", search: { to: href, expired: true } });
});

// After an upgrade the old page may ask for a chunk that is gone: one reload gets the new page, never a loop.
window.addEventListener("vite:preloadError", (event) => {
  const last = Number(sessionStorage.getItem("roost.reloaded") ?? 0);
  if (Date.now() - last < 60_000) return;
  event.preventDefault();
  sessionStorage.setItem("roost.reloaded", String(Date.now()));
  window.location.reload();
});

void client.prefetchQuery(settingsQuery).then(() => {
  rememberName(client.getQueryData(settingsQuery.queryKey)?.app.name ?? "");
});

// People see the language of their account, and another one as soon as they choose it.
client.getQueryCache().subscribe(({ query }) => {
  if (query.queryKey[0] !== "account") return;
  const account = client.getQueryData(accountQuery.queryKey);
  if (account) void speak(account.language);
});

function App() {
  const intl = useLanguage();
  const scheme = useTheme((s) => s.scheme);
  return (
    <MantineProvider theme={theme} cssVariablesResolver={cssVariables} forceColorScheme={scheme}>
      <RawIntlProvider value={intl}>
        <QueryClientProvider client={client}>
          <RouterProvider router={router} />
          <ToastRegion />
        </QueryClientProvider>
      </RawIntlProvider>
    </MantineProvider>
  );
}

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
