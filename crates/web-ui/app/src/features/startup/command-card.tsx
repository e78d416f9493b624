import { IconCheck, IconChevronDown } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { asFailure } from "@/api/error";
import type { Server } from "@/api/queries";
import { useServer } from "@/features/server/context";
import { isChangeable, useServerPatch } from "@/features/server/page";
import { can } from "@/features/servers/state";
import { useT } from "@/i18n";
import { Button } from "@/ui/button";
import { CopyButton } from "@/ui/copy";
import { Icon } from "@/ui/icon";
import { Menu } from "@/ui/menu";
import { toast, toastFailure } from "@/ui/toasts";
import { piecesOf } from "./command";
import { m } from "./messages";
import { saveCommand, saveImage, type Variable } from "./requests";

/** The command and the image a server starts with; both are saved as soon as they are chosen. */
export function CommandCard({ variables }: { variables: Variable[] }) {
  const t = useT();
  const { server, state } = useServer();
  const [raw, setRaw] = useState(false);
  const values = new Map(variables.filter((v) => !v.is_secret).map((v) => [v.env_variable, v.value]));
  values.set("SERVER_MEMORY", String(server.limits.memory));
  if (server.allocation) {
    values.set("SERVER_PORT", String(server.allocation.port));
    values.set("SERVER_IP", server.allocation.ip);
  }
  const pieces = piecesOf(server.startup, raw ? new Map() : values);
  const filled = pieces.map((p) => p.text).join("");
  const open = isChangeable(state);
  const command = useChoice("startup", (next) => saveCommand(server.uuid, next), {
    done: () => t(m.commandSaved),
    failed: t(m.commandFailed),
  });
  const images = Object.entries(server.egg.docker_images);
  const commands = Object.entries(server.egg.startup_commands);
  const imageName = images.find(([, image]) => image === server.image)?.[0];
  const image = useChoice("image", (next) => saveImage(server.uuid, next), {
    done: (next) => t(m.imageSaved, { name: images.find(([, i]) => i === next)?.[0] ?? next }),
    failed: t(m.imageFailed),
  });
  const ownCommand = !commands.some(([, c]) => c === server.startup);
  const choices = (all: [string, string][], now: string) => all.some(([, value]) => value !== now);

  return (
    <section className="card">
      <div className="hd wrap">
        <h2>{t(m.command)}</h2>
        <span className="sp" />
        <button type="button" className="link sm" aria-pressed={raw} onClick={() => setRaw(!raw)}>
          {t(raw ? m.showFilled : m.showRaw)}
        </button>
        {can(server, "startup.command") && choices(commands, server.startup) ? (
          <ChoiceMenu
            label={t(m.presets)}
            entries={commands}
            now={server.startup}
            disabled={!open}
            busy={command.isPending}
            onChoose={(next) => command.mutate(next)}
          />
        ) : null}
      </div>
      <div className="bd stack g12">
        <div className="cmdbox">
          <code className="sp">
            {pieces.map((piece, i) => (
              <span key={i} className={piece.variable ? "accent" : undefined} title={piece.variable}>
                {piece.text}
              </span>
            ))}
          </code>
          <CopyButton text={filled} />
        </div>
        {ownCommand && can(server, "startup.command") && commands.length > 0 ? (
          <p className="hint">{t(m.commandOwn)}</p>
        ) : null}
        <div className="row wrap g12">
          <span className="t3">{t(m.image)}</span>
          <span className="b">{imageName ?? t(m.imageOwn)}</span>
          <span className="mono sm t3 breakable">{server.image}</span>
          <span className="sp" />
          {can(server, "startup.docker-image") && choices(images, server.image) ? (
            <ChoiceMenu
              label={t(m.imageChange)}
              entries={images}
              now={server.image}
              framed
              disabled={!open}
              busy={image.isPending}
              onChoose={(next) => image.mutate(next)}
            />
          ) : null}
        </div>
      </div>
    </section>
  );
}

interface MenuProps {
  label: string;
  entries: [string, string][];
  now: string;
  framed?: boolean;
  disabled: boolean;
  busy: boolean;
  onChoose: (value: string) => void;
}

function ChoiceMenu({ label, entries, now, framed, disabled, busy, onChoose }: MenuProps) {
  return (
    <Menu width={340} position="bottom-end" offset={4}>
      <Menu.Target>
        <Button size="sm" {...(framed ? {} : { look: "quiet" as const })} disabled={disabled} busy={busy}>
          {label}
          <Icon of={IconChevronDown} size="s" />
        </Button>
      </Menu.Target>
      <Menu.Dropdown className="choices">
        {entries.map(([name, value]) => (
          <Menu.Item
            key={name}
            leftSection={
              <span className="menu-check">{value === now ? <Icon of={IconCheck} size="s" /> : null}</span>
            }
            aria-current={value === now ? "true" : undefined}
            onClick={() => {
              if (value !== now) onChoose(value);
            }}
          >
            <span className="b">{name}</span>
            <br />
            <span className="mono xs t3 clamp breakable">{value}</span>
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

/** A choice that shows at once, and is taken back when the panel refuses it. */
function useChoice<K extends "startup" | "image">(
  key: K,
  send: (value: string) => Promise<unknown>,
  words: { done: (value: string) => string; failed: string },
) {
  const t = useT();
  const client = useQueryClient();
  const patch = useServerPatch();
  return useMutation({
    mutationFn: send,
    onMutate: async (value: string) => {
      await client.cancelQueries({ queryKey: ["servers", "one"] });
      return patch({ [key]: value } as Partial<Server>);
    },
    onSuccess: (_, value) => toast(words.done(value), t(m.nextStart)),
    onError: (error, _, undo) => {
      undo?.();
      toastFailure(words.failed, asFailure(error));
    },
    onSettled: () => client.invalidateQueries({ queryKey: ["servers", "one"] }),
  });
}
