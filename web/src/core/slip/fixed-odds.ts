/** What a bet at fixed odds pays back: the stake times the odds of its legs, exactly, and rounded down once at the end. */
import { amountOf } from "../money/money";
import { type OddsFormat, showOdds } from "../odds/formats";

/** Return what a bet pays back if every leg wins, the stake included, in minor units. No legs, no bet: nothing. */
export function returnOf(stakeMinor: bigint, odds: readonly number[]): bigint {
  if (odds.length === 0) return 0n;
  let numerator = stakeMinor;
  let denominator = 1n;
  for (const each of odds) {
    numerator *= BigInt(each);
    denominator *= 100n;
  }
  return numerator / denominator;
}

/** How many digits of the odds of several legs are shown: those of two legs have no more. */
const DIGITS = 4;

/** Return the odds of a bet on all these legs for looking at, in a format; `≈` says that they go on, or are rounded. */
export function combinedOddsText(odds: readonly number[], format: OddsFormat): string {
  const product = odds.reduce((all, each) => all * BigInt(each), 1n);
  const unit = 100n ** BigInt(odds.length);
  if (format !== "decimal") {
    const hundredths = (200n * product + unit) / (2n * unit);
    return about(hundredths * unit === 100n * product, showOdds(Number(hundredths), format));
  }
  const shown = 10n ** BigInt(DIGITS);
  const rounded = (2n * shown * product + unit) / (2n * unit);
  return about(rounded * unit === shown * product, amountOf(rounded, DIGITS).replace(/0{1,2}$/, ""));
}

function about(isExact: boolean, text: string): string {
  return isExact ? text : `≈ ${text}`;
}

/** Whether the odds of a leg are what its bettor agreed to. */
export function accepts(accept: "any" | "better" | "exact", seen: number, now: number): boolean {
  return accept === "any" || (accept === "better" ? now >= seen : now === seen);
}
