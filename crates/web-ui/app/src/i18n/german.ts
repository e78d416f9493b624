import { files } from "@/features/files/messages.de";

const areas = { files };

/** All German texts by the ids of their messages. */
export const german: Record<string, string> = Object.fromEntries(
  Object.entries(areas).flatMap(([area, texts]) =>
    Object.entries(texts).map(([key, text]) => [`${area}.${key}`, text]),
  ),
);
