import { messages } from "@/i18n";

export const m = messages("mounts", {
  title: "Mounts",
  note: "A mount takes effect the next time the server starts.",
  name: "Name",
  target: "In the server",
  access: "Access",
  readOnly: "Read-only",
  writable: "Read and write",
  state: "State",
  attached: "Attached",
  since: "since {date}",
  notAttached: "Not attached",
  attach: "Attach",
  detach: "Detach",
  attachName: "Attach {name}",
  detachName: "Detach {name}",
  didAttach: "{name} attached",
  didDetach: "{name} detached",
  nextStart: "It takes effect the next time the server starts.",
  attachFailed: "{name} was not attached",
  detachFailed: "{name} was not detached",
  loadFailed: "Could not load the mounts",
  emptyTitle: "No mounts are offered",
  emptyText:
    "Operators can offer folders of the node to this server, such as maps that several servers share. There are none for it now.",
});
