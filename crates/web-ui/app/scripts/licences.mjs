// Collects the licence texts of what the bundle contains into dist/third-party-licences.txt.
import { readdir, readFile, writeFile } from "node:fs/promises";

const root = new URL("../", import.meta.url);
const manifest = JSON.parse(await readFile(new URL("package.json", root), "utf8"));
const lock = JSON.parse(await readFile(new URL("package-lock.json", root), "utf8"));
const seen = new Set();
const queue = Object.keys(manifest.dependencies);
const parts = [];

while (queue.length > 0) {
  const name = queue.shift();
  if (seen.has(name)) continue;
  seen.add(name);
  const entry = lock.packages[`node_modules/${name}`];
  if (!entry || entry.optional) continue;
  queue.push(...Object.keys(entry.dependencies ?? {}));
  const folder = new URL(`node_modules/${name}/`, root);
  const files = await readdir(folder);
  const file = files.find((f) => /^licen[cs]e/i.test(f));
  const text = file ? await readFile(new URL(file, folder), "utf8") : `Licence: ${entry.license}`;
  parts.push(`${name} ${entry.version} (${entry.license})\n\n${text.trim()}\n`);
}

const font = await readFile(new URL("src/assets/fonts/OFL.txt", root), "utf8");
parts.sort();
parts.push(`Atkinson Hyperlegible Next and Mono (OFL-1.1)\n\n${font.trim()}\n`);
await writeFile(new URL("dist/third-party-licences.txt", root), parts.join(`\n${"-".repeat(80)}\n\n`));
