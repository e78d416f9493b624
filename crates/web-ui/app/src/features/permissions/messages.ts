import { messages } from "@/i18n";

export const m = messages("permissions", {
  all: "Everything of this group",
  count: "{chosen} of {total}",
  lacking: "You don't have this permission yourself.",
  loadFailed: "Could not load the permissions",
  everything: "Choose all",
  nothing: "Choose none",
});
