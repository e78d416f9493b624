import { create } from "zustand";

export type ThemeChoice = "auto" | "dark" | "light";

const KEY = "roost.theme";
const system = window.matchMedia("(prefers-color-scheme: light)");

function stored(): ThemeChoice {
  try {
    const value = localStorage.getItem(KEY);
    return value === "dark" || value === "light" ? value : "auto";
  } catch {
    return "auto";
  }
}

function resolve(choice: ThemeChoice): "dark" | "light" {
  if (choice !== "auto") return choice;
  return system.matches ? "light" : "dark";
}

interface ThemeState {
  choice: ThemeChoice;
  scheme: "dark" | "light";
  choose: (choice: ThemeChoice) => void;
}

function paint(scheme: "dark" | "light"): void {
  document.documentElement.dataset.theme = scheme;
}

/** The colour scheme: what was chosen and what that means on this machine now. */
export const useTheme = create<ThemeState>()((set) => ({
  choice: stored(),
  scheme: resolve(stored()),
  choose: (choice) => {
    try {
      if (choice === "auto") localStorage.removeItem(KEY);
      else localStorage.setItem(KEY, choice);
    } catch {
      // Storage is blocked: the choice lasts as long as the page.
    }
    const scheme = resolve(choice);
    paint(scheme);
    set({ choice, scheme });
  },
}));

function follow(): void {
  const { choice } = useTheme.getState();
  const scheme = resolve(choice);
  paint(scheme);
  useTheme.setState({ scheme });
}

system.addEventListener("change", follow);
window.addEventListener("storage", (event) => {
  if (event.key !== KEY) return;
  useTheme.setState({ choice: stored() });
  follow();
});
