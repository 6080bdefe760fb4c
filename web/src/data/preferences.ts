/** How a person likes it: kept in the browser at once, and by the server for whoever is logged in. */
import { useEffect, useSyncExternalStore } from "react";
import { call, http } from "@/api/client";
import { keptOf, type Preferences, preferencesOf, storedPreferences, withoutPerson } from "@/core";

const KEY = "evens.preferences";
const THEME_KEY = "evens.theme";
/** Whoever turns a wheel or types changes often; the server hears of it when they pause. */
const PAUSE_MS = 500;

const listeners = new Set<() => void>();
let current = storedPreferences(read());
/** Whose they are: the server keeps them for a customer, and for nobody else. */
let owner: string | undefined;
let timer: ReturnType<typeof setTimeout> | undefined;
/** What was changed while the server has not said yet what it keeps: that came later than what it says. */
let changedMeanwhile: Partial<Preferences> | undefined = {};

function read(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

function watch(changed: () => void): () => void {
  listeners.add(changed);
  return () => listeners.delete(changed);
}

export function usePreferences(): Preferences {
  return useSyncExternalStore(watch, () => current);
}

/** Whether the page is dark, by choice or as the system has it; for what is drawn in colours that it reads itself. */
export function useIsDark(): boolean {
  return useSyncExternalStore(watch, isDark);
}

/** Change some of them: at once here, and with the server after a pause. */
export function changePreferences(changes: Partial<Preferences>): void {
  become({ ...current, ...changes });
  if (changedMeanwhile) changedMeanwhile = { ...changedMeanwhile, ...changes };
  else if (owner !== undefined) keepSoon();
}

function keepSoon(): void {
  clearTimeout(timer);
  timer = setTimeout(keep, PAUSE_MS);
}

function become(next: Preferences): void {
  current = next;
  try {
    localStorage.setItem(KEY, JSON.stringify(current));
    localStorage.setItem(THEME_KEY, current.theme);
  } catch {
    // Without storage it holds until the page is left.
  }
  applyTheme();
  for (const listener of listeners) listener();
}

/** Nobody waits for this: if it fails, it holds in this browser, and the next change sends all of them again. */
function keep(): void {
  timer = undefined;
  call(http.PUT("/v1/me/preferences", { body: keptOf(current) })).catch(() => {});
}

/** Have the preferences of whoever is logged in; `undefined` is a visitor. The shell calls this once. */
export function usePreferencesOf(customer: string | null | undefined): void {
  useEffect(() => {
    if (customer === undefined) return;
    if (customer === null) {
      if (owner !== undefined || current.oneClick) become(withoutPerson(current));
      owner = undefined;
      changedMeanwhile = undefined;
      clearTimeout(timer);
      return;
    }
    let isOver = false;
    changedMeanwhile ??= {};
    const known = (kept: Preferences) => {
      if (isOver) return;
      owner = customer;
      const changes = changedMeanwhile ?? {};
      changedMeanwhile = undefined;
      become({ ...kept, ...changes });
      if (Object.keys(changes).length > 0) keepSoon();
    };
    call(http.GET("/v1/me/preferences"))
      .then((kept) => known(preferencesOf(kept, current)))
      // Then what this browser knows goes on; a change is kept when the server is there again.
      .catch(() => known(current));
    return () => {
      isOver = true;
    };
  }, [customer]);
}

const systemIsDark = matchMedia("(prefers-color-scheme: dark)");

/** Whether the page is dark now, whoever said so. */
export function isDark(): boolean {
  return current.theme === "dark" || (current.theme === "system" && systemIsDark.matches);
}

/** Show the theme that is preferred. Before the app runs, /theme.js has done so. */
export function applyTheme(): void {
  document.documentElement.dataset["theme"] = isDark() ? "dark" : "light";
}

systemIsDark.addEventListener("change", () => {
  applyTheme();
  for (const listener of listeners) listener();
});
addEventListener("storage", (event) => {
  if (event.key !== KEY) return;
  current = storedPreferences(event.newValue);
  applyTheme();
  for (const listener of listeners) listener();
});
