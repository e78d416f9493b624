import { IconAlertTriangle } from "@tabler/icons-react";
import { Icon } from "./icon";

interface Props {
  label: string;
  /** The value as text. */
  text: string;
  /** Share of the limit, 0 to 1; undefined when there is no limit. */
  share: number | undefined;
}

/** A value against its limit. Colour and a sign appear at 80 % and 95 %. */
export function Meter({ label, text, share }: Props) {
  const shown = Math.min(1, Math.max(0, share ?? 0));
  const level = share === undefined || share < 0.8 ? "" : share < 0.95 ? "warn" : "bad";
  return (
    <div className="meter">
      <div className="k">
        <span>{label}</span>
        <b>
          {level ? <Icon of={IconAlertTriangle} /> : null}
          {text}
        </b>
      </div>
      <div className={`bar ${level}`} aria-hidden="true">
        <i style={{ width: `${shown * 100}%` }} />
      </div>
    </div>
  );
}
