import { Select } from "@mantine/core";
import "@mantine/core/styles/UnstyledButton.layer.css";
import "@mantine/core/styles/Popover.layer.css";
import "@mantine/core/styles/ScrollArea.layer.css";
import "@mantine/core/styles/Input.layer.css";
import "@mantine/core/styles/InlineInput.layer.css";
import "@mantine/core/styles/Combobox.layer.css";
import { type ReactNode, useRef, useState } from "react";
import { FieldFrame } from "./field";

export interface Option {
  value: string;
  label: string;
}

interface Props {
  label: ReactNode;
  hint?: ReactNode;
  error?: ReactNode;
  placeholder?: string;
  empty: string;
  options: Option[];
  value: string;
  onChange: (value: string) => void;
  /** Given when the options come from the server: called with what was typed. */
  onSearch?: (text: string) => void;
  name?: string;
}

/** A choice from a long list, found by typing. */
export function Combo({
  label,
  hint,
  error,
  placeholder,
  empty,
  options,
  value,
  onChange,
  onSearch,
  name,
}: Props) {
  const timer = useRef<number | undefined>(undefined);
  // The chosen entry stays known while the server's answer to another search is shown.
  const [chosen, setChosen] = useState<Option | undefined>(undefined);
  const data =
    value !== "" && chosen?.value === value && !options.some((o) => o.value === value)
      ? [chosen, ...options]
      : options;
  return (
    <FieldFrame label={label} hint={hint} error={error}>
      {({ id, describedBy }) => (
        <Select
          id={id}
          {...(name ? { "data-path": name } : {})}
          data={data}
          value={value === "" ? null : value}
          onChange={(next) => {
            setChosen(data.find((o) => o.value === next));
            onChange(next ?? "");
          }}
          searchable
          allowDeselect={false}
          nothingFoundMessage={empty}
          {...(placeholder ? { placeholder } : {})}
          error={Boolean(error)}
          withErrorStyles={false}
          aria-describedby={describedBy}
          maxDropdownHeight={280}
          comboboxProps={{ withinPortal: true, transitionProps: { duration: 90 } }}
          {...(onSearch
            ? {
                filter: ({ options: all }) => all,
                onSearchChange: (text: string) => {
                  window.clearTimeout(timer.current);
                  timer.current = window.setTimeout(() => onSearch(text), 200);
                },
              }
            : {})}
        />
      )}
    </FieldFrame>
  );
}
