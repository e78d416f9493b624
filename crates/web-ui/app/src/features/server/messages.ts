import { messages } from "@/i18n";

export const m = messages("server", {
  network: "Network",
  startup: "Startup",
  mounts: "Mounts",
  settings: "Settings",
  pageTitle: "{page} · {name}",
  thisServer: "This server",
  lineLost: "No connection to the server.",
  lineLostText: "What is shown may be old. The next try is in {seconds} s.",
  tryNow: "Try now",
  switchFind: "Find a server",
  switchNothing: "No other server matches.",
  switchLoading: "Loading the servers",
  switchFailed: "The servers could not be loaded.",
  denied: "You may not open this page",
  deniedText: "It needs the permission {permission}. The owner of the server can give it to you.",
  toConsole: "To the console",
  readOnly: "You may look, but not change anything here.",
  locked: "Nothing can be changed while the server is in this state.",
});
