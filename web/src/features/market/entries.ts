/** One's own bets on a chart: those of a side within one candle are one mark, with their stakes added up. */
import { amountOf, minorOf, type Side } from "@/core";

export interface Entry {
  /** When its candle opens, as the candle says it. */
  readonly opensAt: string;
  readonly side: Side;
  readonly size: string;
}

interface Bet {
  readonly at: string;
  readonly side: Side;
  readonly size: string;
}

/** Return what is marked on candles, the oldest first. What was bet before the first of them is left out. */
export function entriesOf(
  bets: readonly Bet[],
  candles: readonly { readonly opens_at: string }[],
  scale: number,
): readonly Entry[] {
  const opens = candles
    .map((each) => each.opens_at)
    .sort((one, other) => Date.parse(one) - Date.parse(other));
  const sums = new Map<string, { opensAt: string; side: Side; minor: bigint }>();
  for (const { at, side, size } of bets) {
    const opensAt = opens.findLast((each) => Date.parse(each) <= Date.parse(at));
    if (opensAt === undefined) continue;
    const key = `${opensAt} ${side}`;
    const before = sums.get(key)?.minor ?? 0n;
    sums.set(key, { opensAt, side, minor: before + minorOf(size, scale) });
  }
  return [...sums.values()]
    .sort((one, other) => Date.parse(one.opensAt) - Date.parse(other.opensAt))
    .map(({ opensAt, side, minor }) => ({ opensAt, side, size: amountOf(minor, scale) }));
}
