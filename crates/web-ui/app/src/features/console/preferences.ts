import { create } from "zustand";

const KEY = "roost.console";

interface Kept {
  fontSize: number;
  timestamps: boolean;
  screenReader: boolean;
  /** Minutes that the charts show. */
  minutes: number;
}

interface Preferences extends Kept {
  set: (change: Partial<Kept>) => void;
}

const narrow = window.matchMedia("(max-width: 760px)").matches;
const defaults: Kept = { fontSize: narrow ? 12 : 13, timestamps: false, screenReader: false, minutes: 5 };

function read(): Kept {
  try {
    return { ...defaults, ...(JSON.parse(localStorage.getItem(KEY) ?? "{}") as Partial<Kept>) };
  } catch {
    return defaults;
  }
}

/** How this browser likes its console. */
export const usePreferences = create<Preferences>()((set, get) => ({
  ...read(),
  set: (change) => {
    set(change);
    const { fontSize, timestamps, screenReader, minutes } = get();
    try {
      localStorage.setItem(KEY, JSON.stringify({ fontSize, timestamps, screenReader, minutes }));
    } catch {
      // Storage is blocked: the choice lasts as long as the page.
    }
  },
}));
