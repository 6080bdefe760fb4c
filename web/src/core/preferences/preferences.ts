/**
 * How a person likes it: the look, the stakes at hand, and whether a press bets at once.
 *
 * The server keeps it, so that it is the same in every browser, and the browser keeps a copy, so that no page waits for it.
 * What has to do with money (stakes, one-click betting) belongs to who is logged in and is forgotten when they leave; the look
 * stays, also for visitors.
 */
import type { OddsFormat } from "../odds/formats";

export type Theme = "system" | "light" | "dark";

export interface Preferences {
  readonly theme: Theme;
  readonly odds: OddsFormat;
  /** Stakes that one press fills in, by currency, as the API writes amounts. */
  readonly stakes: Readonly<Record<string, readonly string[]>>;
  /** Whether a press on a price places the bet at once. */
  readonly oneClick: boolean;
  /** With which stake, by currency. */
  readonly oneClickStakes: Readonly<Record<string, string>>;
  /** The server keeps it for other clients; here every bet but those of one click is a press of its own. */
  readonly confirmBets: boolean;
}

/** As `GET` and `PUT /v1/me/preferences` have it. */
export interface KeptPreferences {
  readonly odds_format: OddsFormat;
  readonly theme: Theme;
  readonly presets?: Readonly<Record<string, readonly string[]>>;
  readonly one_click?: { readonly enabled: boolean; readonly stakes?: Readonly<Record<string, string>> };
  readonly confirm_bets: boolean;
}

export const STAKES_MAX = 8;

export const DEFAULT_PREFERENCES: Preferences = {
  theme: "system",
  odds: "decimal",
  stakes: {},
  oneClick: false,
  oneClickStakes: {},
  confirmBets: true,
};

const USUAL_STAKES: readonly string[] = ["2", "5", "10", "25"];

/** Return the stakes at hand in a currency. */
export function stakesIn(preferences: Preferences, code: string): readonly string[] {
  const chosen = preferences.stakes[code];
  return chosen?.length ? chosen : USUAL_STAKES;
}

/** Return what a press on a price stakes at once in a currency; `undefined` if it fills in the slip. */
export function oneClickStake(preferences: Preferences, code: string): string | undefined {
  return preferences.oneClick ? preferences.oneClickStakes[code] : undefined;
}

/** Return preferences as the server keeps them. One click without any stake is none. */
export function keptOf(preferences: Preferences) {
  return {
    odds_format: preferences.odds,
    theme: preferences.theme,
    presets: Object.fromEntries(Object.entries(preferences.stakes).map(([code, all]) => [code, [...all]])),
    one_click: {
      enabled: preferences.oneClick && Object.keys(preferences.oneClickStakes).length > 0,
      stakes: { ...preferences.oneClickStakes },
    },
    confirm_bets: preferences.confirmBets,
  };
}

/** Return preferences that the server kept. Whoever never chose a look goes on with the one of this browser. */
export function preferencesOf(kept: KeptPreferences, before: Preferences): Preferences {
  const isUnchosen =
    kept.theme === DEFAULT_PREFERENCES.theme && kept.odds_format === DEFAULT_PREFERENCES.odds;
  return {
    theme: isUnchosen ? before.theme : kept.theme,
    odds: isUnchosen ? before.odds : kept.odds_format,
    stakes: kept.presets ?? {},
    oneClick: kept.one_click?.enabled ?? false,
    oneClickStakes: kept.one_click?.stakes ?? {},
    confirmBets: kept.confirm_bets,
  };
}

/** Return what stays when somebody leaves: the look alone. */
export function withoutPerson(preferences: Preferences): Preferences {
  return { ...DEFAULT_PREFERENCES, theme: preferences.theme, odds: preferences.odds };
}

/** Read what a browser has stored, of whatever age: a field that does not fit is as for everybody. */
export function storedPreferences(text: string | null): Preferences {
  let stored: unknown;
  try {
    stored = JSON.parse(text ?? "{}");
  } catch {
    return DEFAULT_PREFERENCES;
  }
  if (typeof stored !== "object" || stored === null) return DEFAULT_PREFERENCES;
  const fits = Object.entries(DEFAULT_PREFERENCES).map(([name, usual]) => {
    const value = (stored as Record<string, unknown>)[name];
    return [name, typeof value === typeof usual && !Array.isArray(value) && value !== null ? value : usual];
  });
  return Object.fromEntries(fits) as unknown as Preferences;
}
