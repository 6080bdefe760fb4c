/**
 * Odds as people are used to them: decimal, fractional, American, or as the chance in percent.
 *
 * For looking at only. Whatever is typed in one of them is brought to the nearest price of the ladder, and all 350 prices
 * of the classic ladder come back as they were: each format shows as many digits as that takes.
 */
import { type Ladder, ODDS_MAX, ODDS_MIN, oddsText } from "./odds";

export const ODDS_FORMATS = ["decimal", "fractional", "american", "percent"] as const;

export type OddsFormat = (typeof ODDS_FORMATS)[number];

/** Return odds in a format. */
export function showOdds(odds: number, format: OddsFormat): string {
  switch (format) {
    case "decimal":
      return oddsText(odds);
    case "fractional":
      return fraction(odds - 100);
    case "american":
      return american(odds);
    case "percent":
      return percent(odds);
  }
}

/** Return the price of the ladder that somebody means by this text; `undefined` if it is no odds in that format. */
export function readOdds(text: string, format: OddsFormat, ladder: Ladder): number | undefined {
  const typed = text.trim().replace(",", ".").replace("\u2212", "-");
  const odds = Math.round((READERS[format](typed) ?? Number.NaN) * 1_000_000) / 1_000_000;
  return odds >= ODDS_MIN - 0.5 && odds <= ODDS_MAX + 0.5 ? ladder.nearest(odds) : undefined;
}

const READERS: Readonly<Record<OddsFormat, (text: string) => number | undefined>> = {
  decimal: (text) => (/^[0-9]+(\.[0-9]*)?$/.test(text) ? Number(text) * 100 : undefined),
  fractional: (text) => {
    const [, upper, lower = "1"] = /^([0-9]+)(?:\/([0-9]+))?$/.exec(text) ?? [];
    return upper === undefined || Number(lower) === 0
      ? undefined
      : 100 + (100 * Number(upper)) / Number(lower);
  },
  american: (text) => {
    if (!/^[+-]?[0-9]+(\.[0-9]+)?$/.test(text)) return undefined;
    const wins = Number(text);
    return wins === 0 ? undefined : 100 + (wins > 0 ? wins : 10_000 / -wins);
  },
  percent: (text) => {
    const [, chance] = /^([0-9]+(?:\.[0-9]+)?)\s*%?$/.exec(text) ?? [];
    return chance === undefined || Number(chance) === 0 ? undefined : 10_000 / Number(chance);
  },
};

function fraction(winningsCents: number): string {
  const divisor = greatestCommonDivisor(winningsCents, 100);
  return `${winningsCents / divisor}/${100 / divisor}`;
}

function american(odds: number): string {
  if (odds >= 200) return `+${odds - 100}`;
  const loses = 10_000 / (odds - 100);
  return `\u2212${loses.toFixed(Number.isInteger(loses) ? 0 : 1)}`;
}

/** As few digits as it takes to come back to the same hundredth of odds, at least one. */
function percent(odds: number): string {
  const chance = 10_000 / odds;
  let digits = 1;
  while (digits < 6 && Math.round(10_000 / Number(chance.toFixed(digits))) !== odds) digits += 1;
  return `${chance.toFixed(digits)} %`;
}

function greatestCommonDivisor(one: number, other: number): number {
  return other === 0 ? one : greatestCommonDivisor(other, one % other);
}
