/** What a bet at fixed odds pays back: the stake times the odds of its legs, exactly, and rounded down once at the end. */

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

/** Return the odds of a bet on all these legs, as hundredths, rounded down: for looking at. */
export function combinedOdds(odds: readonly number[]): bigint {
  return returnOf(100n, odds);
}

/** Whether the odds of a leg are what its bettor agreed to. */
export function accepts(accept: "any" | "better" | "exact", seen: number, now: number): boolean {
  return accept === "any" || (accept === "better" ? now >= seen : now === seen);
}
