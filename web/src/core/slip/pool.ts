/**
 * What a round pays (`evens.core.values.pools` has the theory): who is right has the stake back and a share of what the
 * others lost, less the fee.
 *
 *     fee          = floor(L × fee_bps ÷ 10,000)
 *     a winner has   stake + floor((L − fee) × stake ÷ W)
 */
export type PoolSide = "up" | "down";

export interface Sides {
  readonly up: bigint;
  readonly down: bigint;
}

/** Return what a stake on a side gets back if that side wins. With nobody on the other side everybody has the stake back. */
export function winnerGets(sides: Sides, side: PoolSide, stakeMinor: bigint, feeBps: number): bigint {
  const winning = sides[side];
  const losing = sides[side === "up" ? "down" : "up"];
  if (winning === 0n || losing === 0n) return stakeMinor;
  const fee = (losing * BigInt(feeBps)) / 10_000n;
  return stakeMinor + ((losing - fee) * stakeMinor) / winning;
}

/** Return what a further stake would get back if nobody else staked after it. */
export function willPay(sides: Sides, side: PoolSide, stakeMinor: bigint, feeBps: number): bigint {
  return winnerGets({ ...sides, [side]: sides[side] + stakeMinor }, side, stakeMinor, feeBps);
}

/** Return how many percent of all stakes are on each side; `undefined` while there are none. */
export function percentages(sides: Sides): Readonly<Record<PoolSide, number>> | undefined {
  const all = sides.up + sides.down;
  if (all === 0n) return undefined;
  const up = Math.round(Number((sides.up * 10_000n) / all) / 100);
  return { up, down: 100 - up };
}
