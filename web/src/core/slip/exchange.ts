/**
 * What an order on the exchange wins and can lose, and what it changes for each runner.
 *
 * The rules are the server's (`evens.core.values.odds`, `evens.core.exchange.exposure`): amounts that come of stakes times
 * odds are counted in hundredths of a minor unit, and only the last step rounds: a reserve up, a profit down. The cases in
 * `tests/vectors/slip.json` are played by both.
 */
import { ceilDivide, floorDivide } from "../money/money";

export type Side = "back" | "lay";

const UNIT = 100n;
const BPS = 10_000n;

/** What an order would do if all of it were matched at its price, before commission. */
export interface Outcome {
  /** What it wins if it is right, in minor units, rounded down. */
  readonly profitMinor: bigint;
  /** What it loses if it is wrong, in minor units, rounded up: this much is held for it, unless other bets cover it. */
  readonly liabilityMinor: bigint;
}

/** Return what an order wins and can lose. */
export function outcomeOf(side: Side, odds: number, stakeMinor: bigint): Outcome {
  const winningsCents = stakeMinor * (BigInt(odds) - UNIT);
  return side === "back"
    ? { profitMinor: floorDivide(winningsCents, UNIT), liabilityMinor: stakeMinor }
    : { profitMinor: stakeMinor, liabilityMinor: ceilDivide(winningsCents, UNIT) };
}

/** Return the stake whose liability is at most this much: for those who lay by liability. */
export function stakeForLiability(odds: number, liabilityMinor: bigint): bigint {
  return (liabilityMinor * UNIT) / (BigInt(odds) - UNIT);
}

/** The least that can be staked at these odds: it must win at least one minor unit. */
export function leastStake(odds: number): bigint {
  return ceilDivide(UNIT, BigInt(odds) - UNIT);
}

/** What somebody has matched on one runner: stakes of backs less those of lays, and the same times their odds. */
export interface Stand {
  readonly runner: string;
  readonly stakeMinor: bigint;
  readonly valueCents: bigint;
}

/** Return stands with one more bet, as if it were matched at its odds. */
export function withBet(
  stands: readonly Stand[],
  bet: { runner: string; side: Side; odds: number; stakeMinor: bigint },
): readonly Stand[] {
  const sign = bet.side === "back" ? 1n : -1n;
  const before = stands.find((each) => each.runner === bet.runner);
  const after: Stand = {
    runner: bet.runner,
    stakeMinor: (before?.stakeMinor ?? 0n) + sign * bet.stakeMinor,
    valueCents: (before?.valueCents ?? 0n) + sign * bet.stakeMinor * BigInt(bet.odds),
  };
  return before ? stands.map((each) => (each === before ? after : each)) : [...stands, after];
}

/**
 * Return the net profit or loss if a runner is the one that wins, in minor units, after commission.
 *
 * A profit of the whole market pays commission, to the nearest minor unit and half a unit up.
 */
export function profitIfWins(
  stands: readonly Stand[],
  runner: string,
  commission: { bps: number; discountBps: number },
): bigint {
  let cents = 0n;
  for (const stand of stands) {
    cents += (stand.runner === runner ? stand.valueCents : 0n) - UNIT * stand.stakeMinor;
  }
  const profitMinor = floorDivide(cents, UNIT);
  return profitMinor > 0n ? profitMinor - commissionOn(profitMinor, commission) : profitMinor;
}

/**
 * Return what a runner's own bets bring if it is among the winners and if it is not, in minor units, before commission. Where
 * several runners win, no runner alone says how the market ends, and this is what can be said of it.
 */
export function ownResult(stands: readonly Stand[], runner: string): { ifWins: bigint; ifNot: bigint } {
  const stand = stands.find((each) => each.runner === runner);
  if (!stand) return { ifWins: 0n, ifNot: 0n };
  return {
    ifWins: floorDivide(stand.valueCents - UNIT * stand.stakeMinor, UNIT),
    ifNot: -stand.stakeMinor,
  };
}

/** Return the commission on a net profit. */
export function commissionOn(profitMinor: bigint, commission: { bps: number; discountBps: number }): bigint {
  const rate = BigInt(commission.bps) * (BPS - BigInt(commission.discountBps));
  return (2n * profitMinor * rate + BPS * BPS) / (2n * BPS * BPS);
}

/** The order that makes a runner's profit the same whether it wins or loses, at a price that is there now. */
export interface GreenUp {
  readonly side: Side;
  readonly odds: number;
  readonly stakeMinor: bigint;
}

/**
 * Return the order that closes a stand: whoever has backed more lays, and the other way round.
 *
 * If the runner wins, the stand brings `value − stake`; if not, `−stake`. A lay of `s` at odds `o` changes these by
 * `−s × (o − 1)` and `+s`, so both are the same where `s = value ÷ o`. Rounded to the nearest minor unit, what is left
 * between both ends is less than the odds in minor units. `undefined`: there is nothing to close, or no price to close at.
 */
export function greenUp(
  stand: Stand,
  prices: { toBack: number | undefined; toLay: number | undefined },
): GreenUp | undefined {
  if (stand.valueCents === 0n) return undefined;
  const side: Side = stand.valueCents > 0n ? "lay" : "back";
  const odds = side === "lay" ? prices.toLay : prices.toBack;
  if (odds === undefined) return undefined;
  const value = stand.valueCents > 0n ? stand.valueCents : -stand.valueCents;
  const stakeMinor = floorDivide(2n * value + BigInt(odds), 2n * BigInt(odds));
  return stakeMinor > 0n ? { side, odds, stakeMinor } : undefined;
}

/**
 * Whether a stand is closed at these odds: what is left of it is less than the least stake there is would change. Whole minor
 * units rarely close one to nothing.
 */
export function isClosed(stand: Stand, odds: number): boolean {
  const value = stand.valueCents > 0n ? stand.valueCents : -stand.valueCents;
  return 2n * value < BigInt(odds);
}

/** Return the sum of the chances that prices stand for, in percent: a book below 100 pays whoever backs every runner. */
export function bookPercent(bestOdds: readonly (number | undefined)[]): number | undefined {
  if (bestOdds.length === 0) return undefined;
  let percent = 0;
  for (const odds of bestOdds) {
    if (odds === undefined) return undefined;
    percent += 10_000 / odds;
  }
  return percent;
}
