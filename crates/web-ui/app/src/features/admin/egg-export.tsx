import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, take } from "@/api/client";
import { useT } from "@/i18n";
import { InlineFailure } from "@/ui/failure";
import { SelectField } from "@/ui/field";
import { EggNotes } from "./egg-notes";
import { m } from "./messages";

const FORMATS = [
  { name: "Roost, Calagopus (JSON)", format: "native", encoding: "json" },
  { name: "Pterodactyl (PTDL_v2, JSON)", format: "ptdl_v2", encoding: "json" },
  { name: "Pterodactyl (PTDL_v1, JSON)", format: "ptdl_v1", encoding: "json" },
  { name: "Pelican (PLCN_v3, YAML)", format: "plcn_v3", encoding: "yaml" },
  { name: "Pelican (PLCN_v3, JSON)", format: "plcn_v3", encoding: "json" },
  { name: "Pelican (PLCN_v2, JSON)", format: "plcn_v2", encoding: "json" },
  { name: "Pelican (PLCN_v1, JSON)", format: "plcn_v1", encoding: "json" },
] as const;

/** Offers the egg as a file of this or another panel, and says beforehand what that panel's format cannot say. */
export function EggExport({ nest, egg, name }: { nest: string; egg: string; name: string }) {
  const t = useT();
  const [index, setIndex] = useState(0);
  const { format, encoding } = FORMATS[index] ?? FORMATS[0];
  const report = useQuery({
    queryKey: ["nests", "export", nest, egg, format, encoding],
    queryFn: ({ signal }) =>
      take(
        api.GET("/api/admin/nests/{nest}/eggs/{egg}/export/report", {
          params: { path: { nest, egg }, query: { format, encoding } },
          signal,
        }),
      ),
  });
  const query = new URLSearchParams({ format, encoding });
  return (
    <section className="card pad stack g12">
      <h2>{t(m.eggExport)}</h2>
      <SelectField
        label={t(m.eggExportFormat)}
        value={index}
        onChange={(event) => setIndex(Number(event.currentTarget.value))}
      >
        {FORMATS.map((one, at) => (
          <option key={one.name} value={at}>
            {one.name}
          </option>
        ))}
      </SelectField>
      {report.isError ? (
        <InlineFailure error={report.error} />
      ) : report.data && report.data.notes.length > 0 ? (
        <>
          <h3>{t(m.eggExportLacks)}</h3>
          <EggNotes notes={report.data.notes} />
        </>
      ) : report.data ? (
        <p className="sm t2">{t(m.eggExportAll)}</p>
      ) : null}
      <div>
        <a
          className="btn sm"
          href={`/api/admin/nests/${nest}/eggs/${egg}/export?${query}`}
          download={`${name}.${encoding}`}
        >
          {t(m.eggExportSave)}
        </a>
      </div>
    </section>
  );
}
