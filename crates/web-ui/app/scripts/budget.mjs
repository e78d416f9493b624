// Compares the gzip size of what each entry point loads with its budget. Exits with 1 when one is over.
import { readFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";

const dist = new URL("../dist/", import.meta.url);
const manifest = JSON.parse(await readFile(new URL(".vite/manifest.json", dist), "utf8"));
const sizes = new Map();

async function gzipped(file) {
  if (!sizes.has(file)) sizes.set(file, gzipSync(await readFile(new URL(file, dist)), { level: 9 }).length);
  return sizes.get(file);
}

/** All files that are loaded for the given modules, following static imports only. */
function files(keys) {
  const seen = new Set();
  const queue = [...keys];
  const js = new Set();
  const css = new Set();
  while (queue.length > 0) {
    const key = queue.pop();
    if (seen.has(key)) continue;
    seen.add(key);
    const chunk = manifest[key];
    if (!chunk) throw new Error(`The build manifest has no ${key}`);
    js.add(chunk.file);
    for (const file of chunk.css ?? []) css.add(file);
    queue.push(...(chunk.imports ?? []));
  }
  return { js: [...js], css: [...css] };
}

async function sum(list) {
  let total = 0;
  for (const file of list) total += await gzipped(file);
  return total;
}

const entry = "index.html";
const login = files([entry, "src/features/auth/sign-in.tsx"]);
const list = files([entry, "src/shell/frames.tsx", "src/features/servers/server-list.tsx"]);
const terminal = files([
  entry,
  "src/features/server/frame.tsx",
  "src/features/console/server-page.tsx",
  "src/features/console/terminal.ts",
  "src/features/console/chart.ts",
]);
const filesPage = files([
  entry,
  "src/features/server/frame.tsx",
  "src/features/files/files-page.tsx",
  "src/features/files/dialogs/index.tsx",
  "src/features/files/upload-dock.tsx",
]);
const fileFrame = [entry, "src/features/server/frame.tsx", "src/features/files/file-page.tsx"];
// What a file needs before anybody knows that it is a text: nothing of the code editor.
const plainFile = files(fileFrame);
const editor = files([
  ...fileFrame,
  "src/features/files/text-page.tsx",
  // One language, the largest.
  "node_modules/@codemirror/lang-javascript/dist/index.js",
]);
const lazy = Object.values(manifest).filter((chunk) => chunk.isDynamicEntry);
const largest = await Promise.all(lazy.map(async (chunk) => [await gzipped(chunk.file), chunk.file]));
largest.sort((a, b) => b[0] - a[0]);

const rows = [
  ["JavaScript to sign-in", await sum(login.js), 170],
  ["CSS to sign-in", await sum(login.css), 20],
  ["JavaScript to the server list", await sum(list.js), 260],
  ["JavaScript to the console", await sum(terminal.js), 380],
  ["JavaScript to the files, with dialogs and uploads", await sum(filesPage.js), 300],
  ["JavaScript to a file that is no text", await sum(plainFile.js), 260],
  ["JavaScript to the file editor, one language", await sum(editor.js), 420],
  [`Largest lazy chunk (${largest[0]?.[1] ?? "none"})`, largest[0]?.[0] ?? 0, 150],
];
let over = false;
for (const [name, bytes, limit] of rows) {
  const kilobytes = bytes / 1000;
  const bad = kilobytes > limit;
  over ||= bad;
  console.log(`${bad ? "OVER" : "  ok"}  ${kilobytes.toFixed(1).padStart(7)} of ${limit} KB  ${name}`);
}
process.exitCode = over ? 1 : 0;
