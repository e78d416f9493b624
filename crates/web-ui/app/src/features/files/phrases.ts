import { useMemo } from "react";
import { useIntl } from "react-intl";
import type { Message } from "@/i18n";
import { m } from "./messages";

/** The words of the code editor's own parts, by their English ones. */
export function usePhrases(): Record<string, string> {
  const intl = useIntl();
  return useMemo(() => {
    const t = (message: Message) => intl.formatMessage(message);
    return {
      Find: t(m.edFind),
      Replace: t(m.edReplace),
      next: t(m.edNext),
      previous: t(m.edPrevious),
      all: t(m.edAll),
      "match case": t(m.edCase),
      regexp: t(m.edRegexp),
      "by word": t(m.edWord),
      replace: t(m.edReplaceOne),
      "replace all": t(m.edReplaceAll),
      close: t(m.close),
      "Go to line": t(m.edGoTo),
      go: t(m.edGo),
      "Fold line": t(m.edFold),
      "Unfold line": t(m.edUnfold),
      "Folded lines": t(m.edFolded),
      "Unfolded lines": t(m.edUnfolded),
      unfold: t(m.edUnfold),
      "folded code": t(m.edFolded),
      "$ unchanged lines": t(m.edUnchanged),
    };
  }, [intl]);
}
