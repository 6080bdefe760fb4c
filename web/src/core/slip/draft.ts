/**
 * An order that is being thought about, and the bet that positions show the consequences of.
 *
 * A price that is pointed at, or has the focus, is considered with the stake that would be bet on it: the one in the slip, or
 * the one of one-click betting. Nothing pointed at, it is the order in the slip.
 */
import { type Currency, readAmount } from "../money/money";
import { type Side, stakeForLiability } from "./exchange";

/** A price of a runner on one side. */
export interface PricePoint {
  readonly runner: string;
  readonly side: Side;
  readonly odds: number;
}

export interface Draft extends PricePoint {
  /** As typed. */
  readonly stake: string;
  /** Whether what was typed is what may be lost by a lay, and not its stake. */
  readonly byLiability: boolean;
}

/** Return the stake of a draft in minor units; `undefined` while nothing that counts is typed. */
export function draftStake(draft: Draft, currency: Currency): bigint | undefined {
  const typed = readAmount(draft.stake, currency);
  if (!("minor" in typed)) return undefined;
  const isLiability = draft.byLiability && draft.side === "lay";
  const stakeMinor = isLiability ? stakeForLiability(draft.odds, typed.minor) : typed.minor;
  return stakeMinor > 0n ? stakeMinor : undefined;
}

/** Return the bet whose consequences are shown; `undefined` if there is none. */
export function consideredBet(
  slip: {
    readonly draft: Draft | undefined;
    readonly hovered: PricePoint | undefined;
    /** What a press bets at once, as typed; `undefined` if presses fill in the slip. */
    readonly oneClickStake: string | undefined;
  },
  currency: Currency,
): (PricePoint & { readonly stakeMinor: bigint }) | undefined {
  const { draft, hovered, oneClickStake } = slip;
  const drafted: Draft | undefined =
    hovered === undefined
      ? draft
      : oneClickStake !== undefined
        ? { ...hovered, stake: oneClickStake, byLiability: false }
        : draft && { ...draft, ...hovered };
  const stakeMinor = drafted && draftStake(drafted, currency);
  if (!drafted || stakeMinor === undefined) return undefined;
  return { runner: drafted.runner, side: drafted.side, odds: drafted.odds, stakeMinor };
}
