let name = "Roost";

/** The name of this panel as the operator set it. */
export function settingsName(): string {
  return name;
}

/** Remembers the name once the settings are known. */
export function rememberName(value: string): void {
  if (value.trim() !== "") name = value;
}
