import { Modal } from "@mantine/core";
import "@mantine/core/styles/Overlay.layer.css";
import "@mantine/core/styles/Paper.layer.css";
import "@mantine/core/styles/ModalBase.layer.css";
import "@mantine/core/styles/Modal.layer.css";
import { type FormEvent, type ReactNode, useState } from "react";
import { messages, useT } from "@/i18n";
import { Button } from "./button";
import { InlineFailure } from "./failure";
import { TextField } from "./field";

export const m = messages("dialog", {
  type: "Type {name} to confirm",
});

interface DialogProps {
  title: string;
  open: boolean;
  onClose: () => void;
  /** For more than a few fields; `full` takes what the screen has. */
  wide?: boolean | "full";
  children: ReactNode;
}

/** A modal dialog: keeps the focus inside, closes with Esc, gives the focus back to its opener. */
export function Dialog({ title, open, onClose, wide, children }: DialogProps) {
  return (
    <Modal
      opened={open}
      onClose={onClose}
      title={title}
      size={wide === "full" ? "min(1280px, 94vw)" : wide ? 640 : 480}
      withCloseButton={false}
      transitionProps={{ duration: 160 }}
      centered
    >
      {children}
    </Modal>
  );
}

interface ConfirmProps {
  title: string;
  /** What is lost, in one sentence. */
  text: ReactNode;
  /** The name that has to be typed; without it one press is enough. */
  name?: string;
  keep: string;
  act: string;
  open: boolean;
  busy: boolean;
  error: unknown;
  onClose: () => void;
  onConfirm: () => void;
  children?: ReactNode;
}

/** Asks before something that can't be undone. The safe choice has the focus, or the name has to be typed. */
export function Confirm({
  title,
  text,
  name,
  keep,
  act,
  open,
  busy,
  error,
  onClose,
  onConfirm,
  children,
}: ConfirmProps) {
  const t = useT();
  const [typed, setTyped] = useState("");
  const ready = name === undefined || typed.trim() === name;

  function close() {
    setTyped("");
    onClose();
  }
  function submit(event: FormEvent) {
    event.preventDefault();
    if (ready && !busy) onConfirm();
  }

  return (
    <Dialog title={title} open={open} onClose={close}>
      <form className="stack g12" onSubmit={submit}>
        <p className="t2">{text}</p>
        {children}
        {name === undefined ? null : (
          <TextField
            label={<ConfirmLabel text={t(m.type, { name })} name={name} />}
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
            autoComplete="off"
            data-autofocus
          />
        )}
        {error ? <InlineFailure error={error} /> : null}
        <div className="row dialog-foot">
          <Button onClick={close} {...(name === undefined ? { "data-autofocus": true } : {})}>
            {keep}
          </Button>
          <Button look="danger-fill" type="submit" busy={busy} disabled={!ready}>
            {act}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

/** Sets the name inside the sentence in mono, wherever the language puts it. */
function ConfirmLabel({ text, name }: { text: string; name: string }) {
  const at = text.indexOf(name);
  if (at < 0) return <>{text}</>;
  return (
    <span>
      {text.slice(0, at)}
      <span className="mono accent">{name}</span>
      {text.slice(at + name.length)}
    </span>
  );
}
