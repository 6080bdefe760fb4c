/**
 * What a challenge risks and wins (`evens.core.challenges`): what the backer wins the layer loses, rounded down once; the
 * house takes its fee of what is won. Nothing is held besides, so a lay does not round up, as one on the exchange does.
 */
import { commissionOn, outcomeOf, type Side } from "./exchange";

/** Return what one has of what is won, the house's fee taken off, in minor units. */
export function afterFee(wonMinor: bigint, feeBps: number): bigint {
  return wonMinor - commissionOn(wonMinor, { bps: feeBps, discountBps: 0 });
}

/** Return what a side of a challenge risks, and what it wins, the fee taken off. The stake is the backer's. */
export function challengeOf(
  side: Side,
  odds: number,
  stakeMinor: bigint,
  feeBps: number,
): { readonly riskMinor: bigint; readonly winMinor: bigint } {
  const { profitMinor } = outcomeOf("back", odds, stakeMinor);
  return side === "back"
    ? { riskMinor: stakeMinor, winMinor: afterFee(profitMinor, feeBps) }
    : { riskMinor: profitMinor, winMinor: afterFee(stakeMinor, feeBps) };
}
