import { IconCheck } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { asFailure } from "@/api/error";
import { useServer } from "@/features/server/context";
import { useT } from "@/i18n";
import { address as addressText } from "@/lib/format";
import { Icon } from "@/ui/icon";
import { toastFailure } from "@/ui/toasts";
import { m } from "./messages";
import { type Address, addressesQuery, changeAddress } from "./requests";

/** How long after the last key a note is saved. */
const REST_MS = 800;
const MAX = 1024;

interface Props {
  address: Address;
  page: number;
  /** The note is shown, but not to be changed. */
  fixed: boolean;
}

/** What an address is for. It is saved while typing stops, and when the field is left. */
export function Notes({ address, page, fixed }: Props) {
  const t = useT();
  const client = useQueryClient();
  const { server } = useServer();
  const stored = address.notes ?? "";
  const [text, setText] = useState(stored);
  const timer = useRef<number | undefined>(undefined);
  const sent = useRef(stored);
  const save = useMutation({
    mutationFn: (notes: string) => changeAddress(server.uuid, address.uuid, { notes }),
    onSuccess: (_, notes) => {
      client.setQueryData(addressesQuery(server.uuid, page).queryKey, (old) =>
        old ? { ...old, data: old.data.map((a) => (a.uuid === address.uuid ? { ...a, notes } : a)) } : old,
      );
    },
    onError: (error, notes) => {
      // What was typed stays in the field; leaving it once more tries again.
      if (sent.current === notes) sent.current = stored;
      toastFailure(t(m.notesFailed), asFailure(error));
    },
  });

  function send(value: string) {
    window.clearTimeout(timer.current);
    const wanted = value.trim();
    if (wanted === sent.current || wanted.length > MAX) return;
    sent.current = wanted;
    save.mutate(wanted);
  }
  const latest = useRef({ text, send });
  latest.current = { text, send };
  // Leaving the page within the rest saves too.
  useEffect(
    () => () => {
      latest.current.send(latest.current.text);
    },
    [],
  );

  if (fixed) return <span className="t2">{stored}</span>;
  const long = text.trim().length > MAX;
  return (
    <div className="row notefield">
      <div className={`inp${long ? " err" : ""}`}>
        <input
          aria-label={t(m.notesOf, { address: addressText(address) })}
          placeholder={t(m.notesHint)}
          aria-invalid={long || undefined}
          value={text}
          onChange={(event) => {
            const { value } = event.currentTarget;
            setText(value);
            window.clearTimeout(timer.current);
            timer.current = window.setTimeout(() => send(value), REST_MS);
          }}
          onBlur={() => send(text)}
        />
        <span className="xs t3 note-state" role="status">
          {long ? (
            t(m.notesLong, { max: MAX })
          ) : save.isPending ? (
            t(m.saving)
          ) : save.isSuccess && sent.current === text.trim() ? (
            <>
              <Icon of={IconCheck} size="s" />
              <span className="vh">{t(m.saved)}</span>
            </>
          ) : null}
        </span>
      </div>
    </div>
  );
}
