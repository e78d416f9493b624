import type { Page, Route } from "@playwright/test";
import type { FileEntry, Operation } from "../../src/features/files/requests";

/** The node that links of the mocked panel lead to. */
export const NODE = "http://node.example.net:8080";

interface Stored {
  content: Buffer;
  modified: string;
  /** What the node says of its size, where it is not that of the content. */
  size?: number;
}

const yaml = `# Paper global configuration
# Changes take effect after a restart.

_version: 30
block-updates:
  disable-chorus-plant-updates: false
  disable-mushroom-block-updates: false
chunk-loading-advanced:
  auto-config-send-distance: true
  player-max-concurrent-chunk-generates: 0
chunk-loading-basic:
  player-max-chunk-generate-rate: -1.0
  player-max-chunk-load-rate: 100.0
messages:
  kick:
    connection-throttle: "Wait a moment before joining again."
    no-permission: "<red>You are not allowed to do that."
`;
const properties = `#Minecraft server properties
difficulty=hard
max-players=20
motd=Skyblock Evenings
online-mode=true
view-distance=10
`;
/** A kingfisher of 2 by 2 pixels. */
const png = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAYAAABytg0kAAAAFElEQVR42mNk+M9Qz8DAwMAEIgAADwYBAQ3ZcJ8AAAAASUVORK5CYII=",
  "base64",
);

/** A small server's worth of files, changed by what the page asks for. */
export class MockFiles {
  readonly stored = new Map<string, Stored>();
  readonly folders = new Set<string>(["/"]);
  operations: Operation[] = [];
  /** Requests that are refused from now on, by the last part of their path. */
  readonly refused = new Map<string, { status: number; code?: string; message: string }>();
  /** What was asked, in order. */
  readonly asked: { what: string; body: unknown }[] = [];
  /** Holds uploads back until it is called. */
  #held: Promise<void> | undefined;

  constructor() {
    for (const folder of ["/config", "/logs", "/plugins", "/plugins/LuckPerms", "/world", "/world_nether"])
      this.folders.add(folder);
    const day = "2026-11-02T09:12:00Z";
    for (const [path, content, size] of [
      ["/banned-players.json", "[]"],
      ["/bukkit.yml", "settings:\n  allow-end: true\n"],
      ["/eula.txt", "eula=true\n"],
      ["/paper-1.21.8-84.jar", Buffer.from([80, 75, 3, 4, 0, 0]), 51_600_000],
      ["/paper-1.21.8-71.jar", Buffer.from([80, 75, 3, 4, 0, 0]), 51_500_000],
      ["/resource pack & more #1 100%.zip", Buffer.from([80, 75, 3, 4, 0, 0]), 193_000_000],
      ["/server-icon.png", png],
      ["/server.properties", properties],
      ["/start.sh", "#!/bin/bash\njava -jar server.jar\n"],
      ["/config/paper-global.yml", yaml],
    ] as [string, string | Buffer, number?][])
      this.stored.set(path, {
        content: Buffer.from(content),
        modified: day,
        ...(size === undefined ? {} : { size }),
      });
  }

  /** Uploads stay on their way until the returned function is called. */
  hold(): () => void {
    let release = () => {};
    this.#held = new Promise((resolve) => {
      release = resolve;
    });
    return release;
  }

  #list(directory: string): FileEntry[] {
    const prefix = directory === "/" ? "/" : `${directory}/`;
    const below = (path: string) =>
      path !== directory && path.startsWith(prefix) && !path.slice(prefix.length).includes("/");
    const common = { symlink: false, virtual: false, inner_editable: false, created: "2026-10-18T12:00:00Z" };
    return [
      ...[...this.folders].filter(below).map(
        (path): FileEntry => ({
          ...common,
          name: path.slice(prefix.length),
          directory: true,
          file: false,
          editable: false,
          mode: "drwxr-xr-x",
          mode_bits: "755",
          size: 4096,
          size_physical: 4096,
          mime: "inode/directory",
          modified: "2026-11-20T14:21:00Z",
        }),
      ),
      ...[...this.stored]
        .filter(([path]) => below(path))
        .map(
          ([path, { content, modified, size }]): FileEntry => ({
            ...common,
            name: path.slice(prefix.length),
            directory: false,
            file: true,
            editable: true,
            mode: "-rw-r--r--",
            mode_bits: "644",
            size: size ?? content.length,
            size_physical: size ?? content.length,
            mime: "text/plain",
            modified,
          }),
        ),
    ];
  }

  write(path: string, content: string): void {
    this.stored.set(path, { content: Buffer.from(content), modified: new Date().toISOString() });
  }

  text(path: string): string | undefined {
    return this.stored.get(path)?.content.toString();
  }

  #remove(path: string): void {
    for (const key of [...this.stored.keys(), ...this.folders]) {
      if (key !== path && !key.startsWith(`${path}/`)) continue;
      this.stored.delete(key);
      this.folders.delete(key);
    }
  }

  #move(from: string, to: string): void {
    for (const folder of [...this.folders]) {
      if (folder !== from && !folder.startsWith(`${from}/`)) continue;
      this.folders.delete(folder);
      this.folders.add(`${to}${folder.slice(from.length)}`);
    }
    for (const [path, file] of [...this.stored]) {
      if (path !== from && !path.startsWith(`${from}/`)) continue;
      this.stored.delete(path);
      this.stored.set(`${to}${path.slice(from.length)}`, file);
    }
  }

  /** Answers a request for files as the panel does. */
  async answer(route: Route): Promise<void> {
    const request = route.request();
    const url = new URL(request.url());
    const what = url.pathname.split("/files/")[1] ?? "";
    const refused = this.refused.get(what);
    if (refused) {
      const { status, code, message } = refused;
      await route.fulfill({ status, json: { errors: [message], code, request_id: "01JD6K2V" } });
      return;
    }
    const directory = url.searchParams.get("directory") ?? "/";
    const file = url.searchParams.get("file") ?? "/";
    if (what === "contents") {
      const found = this.stored.get(file);
      if (found) await route.fulfill({ contentType: "application/octet-stream", body: found.content });
      else await route.fulfill({ status: 404, json: { errors: ["file not found"] } });
      return;
    }
    if (what === "write") {
      this.stored.set(file, {
        content: request.postDataBuffer() ?? Buffer.alloc(0),
        modified: new Date().toISOString(),
      });
      await route.fulfill({ json: {} });
      return;
    }
    const body = (request.postData() ? request.postDataJSON() : {}) as {
      root?: string;
      name?: string;
      url?: string;
      format?: string;
      file?: string;
      files?: (string & { from: string; to: string; file: string })[];
    };
    if (request.method() !== "GET") this.asked.push({ what, body });
    const at = (name: string) =>
      new URL(
        name.replace(/[%#?]/g, encodeURIComponent),
        `http://x${body.root === "/" ? "/" : `${body.root ?? ""}/`}`,
      );
    const path = (name: string) => decodeURIComponent(at(name).pathname);
    switch (what) {
      case "list": {
        if (!this.folders.has(directory)) {
          await route.fulfill({ status: 404, json: { errors: ["file not found"], code: "not_found" } });
          return;
        }
        const all = this.#list(directory);
        const page = Number(url.searchParams.get("page") ?? 1);
        const size = Number(url.searchParams.get("per_page") ?? 100);
        await route.fulfill({
          json: {
            is_filesystem_primary: true,
            is_filesystem_writable: true,
            is_filesystem_fast: true,
            entries: {
              data: all.slice((page - 1) * size, page * size),
              page,
              per_page: size,
              total: all.length,
            },
          },
        });
        return;
      }
      case "rename":
        for (const move of body.files ?? []) this.#move(path(move.from), path(move.to));
        await route.fulfill({ json: { renamed: body.files?.length ?? 0 } });
        return;
      case "delete":
        for (const name of body.files ?? []) this.#remove(path(name));
        await route.fulfill({ json: { deleted: body.files?.length ?? 0 } });
        return;
      case "create-directory":
        this.folders.add(path(body.name ?? ""));
        await route.fulfill({ json: {} });
        return;
      case "chmod":
        await route.fulfill({ json: { updated: body.files?.length ?? 0 } });
        return;
      case "copy":
        await route.fulfill({ json: { entry: this.#list("/")[0] } });
        return;
      case "compress":
      case "decompress":
      case "pull":
        this.operations = [
          {
            uuid: "5a0f5a0f-aaaa-4bbb-8ccc-000000000001",
            type: what,
            path: body.file ?? body.url ?? null,
            destination: body.name ?? null,
            progress: 0.42,
            bytes_processed: 42,
            bytes_total: 100,
          },
        ];
        await route.fulfill({ status: 202, json: { identifier: "5a0f5a0f-aaaa-4bbb-8ccc-000000000001" } });
        return;
      case "pull/query":
        await route.fulfill({
          json: {
            query_result: { file_name: "plugin.jar", file_size: 1_048_576, final_url: body.url, headers: {} },
          },
        });
        return;
      case "search":
        await route.fulfill({
          json: { entries: [{ ...this.#list("/config")[0], name: "config/paper-global.yml" }] },
        });
        return;
      case "fingerprint":
        await route.fulfill({
          json: { fingerprint: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08" },
        });
        return;
      case "operations":
        await route.fulfill({ json: { operations: this.operations } });
        return;
      case "revisions":
        await route.fulfill({
          json: {
            revisions: [
              {
                id: 7,
                size: 812,
                is_snapshot: true,
                created: "2026-11-19T09:12:00Z",
                user: { uuid: "u", username: "second", totp_enabled: false, created: "2026-01-01T00:00:00Z" },
              },
            ],
          },
        });
        return;
      case "revisions/7":
        await route.fulfill({
          contentType: "text/plain",
          body: yaml.replace("hard", "easy").replace("100.0", "75.0"),
        });
        return;
      case "upload":
        await route.fulfill({ json: { url: `${NODE}/upload/file?token=t` } });
        return;
      case "download":
        await route.fulfill({ json: { url: `${NODE}/download/file?token=t` } });
        return;
    }
    if (what.startsWith("operations/")) {
      this.operations = [];
      await route.fulfill({ json: {} });
      return;
    }
    await route.fulfill({ status: 404, json: { errors: [`no canned answer for ${what}`] } });
  }

  /** The node, which takes uploads from the browser itself. */
  async serve(page: Page): Promise<void> {
    await page.route(`${NODE}/**`, async (route) => {
      const request = route.request();
      const url = new URL(request.url());
      const headers = {
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Allow-Methods": "POST",
        "Access-Control-Allow-Headers": "*",
      };
      if (request.method() !== "POST") {
        await route.fulfill({ status: request.method() === "OPTIONS" ? 204 : 200, headers, body: "" });
        return;
      }
      await this.#held;
      const refused = this.refused.get("upload/file");
      if (refused) {
        await route.fulfill({ status: refused.status, headers, json: { error: refused.message } });
        return;
      }
      const form = request.postDataBuffer()?.toString("latin1") ?? "";
      const name = /filename="([^"]+)"/.exec(form)?.[1] ?? "unnamed";
      const content = form.split("\r\n\r\n")[1]?.split("\r\n--")[0] ?? "";
      const directory = url.searchParams.get("directory") ?? "/";
      this.stored.set(`${directory === "/" ? "" : directory}/${name}`, {
        content: Buffer.from(content, "latin1"),
        modified: new Date().toISOString(),
      });
      await route.fulfill({ status: 200, headers, json: {} }).catch(() => undefined);
    });
  }
}
