import { useMemo, useState } from "react";
import { useT } from "@/i18n";
import { bytes as size } from "@/lib/format";
import { ErrorCard } from "@/ui/failure";
import { Switch } from "@/ui/field";
import { m } from "./messages";

interface Props {
  name: string;
  type: string;
  bytes: Uint8Array;
}

const CHUNK = 32_768;

/** The policy of the panel's pages lets pictures come from the address itself, not from memory. */
function dataUrl(type: string, bytes: Uint8Array): string {
  let binary = "";
  for (let i = 0; i < bytes.length; i += CHUNK)
    binary += String.fromCharCode(...bytes.subarray(i, i + CHUNK));
  return `data:${type};base64,${btoa(binary)}`;
}

/** A picture on a chequered ground, with its size. */
export function ImageView({ name, type, bytes }: Props) {
  const t = useT();
  const source = useMemo(() => dataUrl(type, bytes), [type, bytes]);
  const [sharp, setSharp] = useState(false);
  const [measured, setMeasured] = useState<{ width: number; height: number } | "broken" | null>(null);
  if (measured === "broken") return <ErrorCard title={t(m.brokenImage)} error={null} />;
  return (
    <section className="card imgview" aria-label={name}>
      <div className="checker">
        <img
          src={source}
          alt={name}
          className={sharp ? "sharp" : undefined}
          onLoad={(event) =>
            setMeasured({
              width: event.currentTarget.naturalWidth,
              height: event.currentTarget.naturalHeight,
            })
          }
          onError={() => setMeasured("broken")}
        />
      </div>
      <div className="row g16 wrap sb">
        <span>{measured ? `${measured.width} × ${measured.height}` : ""}</span>
        <span>{size(bytes.length)}</span>
        <span className="sp" />
        <Switch
          label={t(m.pixelated)}
          checked={sharp}
          onChange={(event) => setSharp(event.currentTarget.checked)}
        />
      </div>
    </section>
  );
}
