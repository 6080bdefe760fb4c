/** How a person likes it: kept in the browser at once, so that pages never wait for it. */
import { useCallback, useSyncExternalStore } from "react";
import type { OddsFormat } from "@/core";

export interface Preferences {
  readonly theme: "system" | "light" | "dark";
  readonly odds: OddsFormat;
  /** Stakes that one press fills in, as typed. */
  readonly stakes: readonly string[];
  /** Whether a press on a price places the bet at once, and with which stake. */
  readonly oneClick: boolean;
  readonly oneClickStake: string;
}

const DEFAULTS: Preferences = {
  theme: "system",
  odds: "decimal",
  stakes: ["2", "5", "10", "25"],
  oneClick: false,
  oneClickStake: "2",
};

const KEY = "evens.preferences";
const THEME_KEY = "evens.theme";
const listeners = new Set<() => void>();
let current = read();

function read(): Preferences {
  try {
    return { ...DEFAULTS, ...(JSON.parse(localStorage.getItem(KEY) ?? "{}") as Partial<Preferences>) };
  } catch {
    return DEFAULTS;
  }
}

export function usePreferences(): Preferences {
  return useSyncExternalStore(
    useCallback((changed) => {
      listeners.add(changed);
      return () => listeners.delete(changed);
    }, []),
    () => current,
  );
}

export function changePreferences(changes: Partial<Preferences>): void {
  current = { ...current, ...changes };
  try {
    localStorage.setItem(KEY, JSON.stringify(current));
    localStorage.setItem(THEME_KEY, current.theme);
  } catch {
    // Without storage it holds until the page is left.
  }
  applyTheme();
  for (const listener of listeners) listener();
}

const systemIsDark = matchMedia("(prefers-color-scheme: dark)");

/** Show the theme that is preferred. Before the app runs, /theme.js has done so. */
export function applyTheme(): void {
  const isDark = current.theme === "dark" || (current.theme === "system" && systemIsDark.matches);
  document.documentElement.dataset["theme"] = isDark ? "dark" : "light";
}

systemIsDark.addEventListener("change", applyTheme);
addEventListener("storage", (event) => {
  if (event.key !== KEY) return;
  current = read();
  applyTheme();
  for (const listener of listeners) listener();
});
