import { useT } from "@/i18n";
import { Button } from "@/ui/button";
import { CopyButton } from "@/ui/copy";
import { Dialog } from "@/ui/dialog";
import { m } from "./messages";

interface Props {
  title: string;
  text: string;
  secret: string | null;
  onClose: () => void;
}

/** Shows a secret for the only time. Closed by its button, not by a slip beside it. */
export function SecretOnce({ title, text, secret, onClose }: Props) {
  const t = useT();
  return (
    <Dialog title={title} open={secret !== null} onClose={() => undefined}>
      <div className="stack g12">
        <p className="sm t2">{text}</p>
        <output className="secret-line">{secret}</output>
        <div className="row dialog-foot">
          <CopyButton framed text={secret ?? ""} />
          <Button look="primary" onClick={onClose}>
            {t(m.copied)}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
