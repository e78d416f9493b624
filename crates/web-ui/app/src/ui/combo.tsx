import { type ComboboxParsedItem, MultiSelect, Select } from "@mantine/core";
import "@mantine/core/styles/UnstyledButton.layer.css";
import "@mantine/core/styles/Popover.layer.css";
import "@mantine/core/styles/ScrollArea.layer.css";
import "@mantine/core/styles/Input.layer.css";
import "@mantine/core/styles/InlineInput.layer.css";
import "@mantine/core/styles/Combobox.layer.css";
import "@mantine/core/styles/Pill.layer.css";
import "@mantine/core/styles/PillsInput.layer.css";
import { type ReactNode, useRef, useState } from "react";
import { FieldFrame } from "./field";

export interface Option {
  value: string;
  label: string;
}

interface FrameProps {
  label: ReactNode;
  hint?: ReactNode;
  error?: ReactNode;
  placeholder?: string;
  empty: string;
  options: Option[];
  /** Given when the options come from the server: called with what was typed. */
  onSearch?: (text: string) => void;
}

interface Props extends FrameProps {
  value: string;
  onChange: (value: string) => void;
}

interface ManyProps extends FrameProps {
  values: string[];
  onChange: (values: string[]) => void;
}

/** A choice from a long list, found by typing. */
export function Combo({ label, hint, error, value, onChange, ...list }: Props) {
  const { data, keep, common } = useOptions(list, value === "" ? [] : [value]);
  return (
    <FieldFrame label={label} hint={hint} error={error}>
      {({ id, describedBy }) => (
        <Select
          id={id}
          value={value === "" ? null : value}
          onChange={(next) => {
            keep(next === null ? [] : [next]);
            onChange(next ?? "");
          }}
          allowDeselect={false}
          data={data}
          error={Boolean(error)}
          aria-describedby={describedBy}
          {...common}
        />
      )}
    </FieldFrame>
  );
}

/** Any number of choices from a long list, found by typing. */
export function ComboMany({ label, hint, error, values, onChange, ...list }: ManyProps) {
  const { data, keep, common } = useOptions(list, values);
  return (
    <FieldFrame label={label} hint={hint} error={error} optional>
      {({ id, describedBy }) => (
        <MultiSelect
          id={id}
          value={values}
          onChange={(next) => {
            keep(next);
            onChange(next);
          }}
          hidePickedOptions
          data={data}
          error={Boolean(error)}
          aria-describedby={describedBy}
          {...common}
        />
      )}
    </FieldFrame>
  );
}

/** What both kinds share: the list, the search at the server, and the look of the dropdown. */
function useOptions({ options, empty, placeholder, onSearch }: Omit<FrameProps, "label">, values: string[]) {
  const timer = useRef<number | undefined>(undefined);
  // A chosen entry stays known while the server's answer to another search is shown.
  const [chosen, setChosen] = useState<Option[]>([]);
  const gone = chosen.filter((c) => values.includes(c.value) && !options.some((o) => o.value === c.value));
  const data = [...gone, ...options];
  const search = onSearch && {
    filter: ({ options: all }: { options: ComboboxParsedItem[] }) => all,
    onSearchChange: (text: string) => {
      window.clearTimeout(timer.current);
      // The label of a choice stands in the field too, but nobody searches for it.
      const wanted = data.some((o) => o.label === text) ? "" : text;
      timer.current = window.setTimeout(() => onSearch(wanted), 200);
    },
  };
  return {
    data,
    keep: (next: string[]) => setChosen(data.filter((o) => next.includes(o.value))),
    common: {
      searchable: true,
      nothingFoundMessage: empty,
      withErrorStyles: false,
      maxDropdownHeight: 280,
      comboboxProps: { withinPortal: true, transitionProps: { duration: 90 } },
      ...(placeholder ? { placeholder } : {}),
      ...search,
    },
  };
}
