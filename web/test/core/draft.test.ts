import { describe, expect, it } from "vitest";
import { consideredBet, type Draft, draftStake, outcomeOf } from "@/core";

const USD = { code: "USD", scale: 2 };
const DRAFT: Draft = { runner: "1", side: "lay", odds: 350, stake: "10", byLiability: false };
const OTHER = { runner: "2", side: "back" as const, odds: 200 };

describe("an order that is being thought about", () => {
  it("has the stake that was typed", () => {
    expect(draftStake(DRAFT, USD)).toBe(1000n);
    expect(draftStake({ ...DRAFT, stake: "2,50" }, USD)).toBe(250n);
  });

  it("has none while what is typed is none", () => {
    for (const stake of ["", "x", "0", "1.234"]) expect(draftStake({ ...DRAFT, stake }, USD)).toBeUndefined();
  });

  it("loses no more than the liability that was typed", () => {
    const stake = draftStake({ ...DRAFT, byLiability: true }, USD);
    expect(stake).toBe(400n);
    expect(outcomeOf("lay", 350, stake ?? 0n).liabilityMinor).toBeLessThanOrEqual(1000n);
  });

  it("takes no heed of the liability when it backs", () => {
    expect(draftStake({ ...DRAFT, side: "back", byLiability: true }, USD)).toBe(1000n);
  });
});

describe("the bet whose consequences are shown", () => {
  it("is the order in the slip", () => {
    const bet = consideredBet({ draft: DRAFT, hovered: undefined, oneClickStake: undefined }, USD);
    expect(bet).toEqual({ runner: "1", side: "lay", odds: 350, stakeMinor: 1000n });
  });

  it("is at the price that is pointed at, with the stake in the slip", () => {
    const bet = consideredBet({ draft: DRAFT, hovered: OTHER, oneClickStake: undefined }, USD);
    expect(bet).toEqual({ ...OTHER, stakeMinor: 1000n });
  });

  it("is what a press would bet at once", () => {
    const bet = consideredBet({ draft: undefined, hovered: OTHER, oneClickStake: "2.00" }, USD);
    expect(bet).toEqual({ ...OTHER, stakeMinor: 200n });
  });

  it("is none if there is neither", () => {
    expect(
      consideredBet({ draft: undefined, hovered: OTHER, oneClickStake: undefined }, USD),
    ).toBeUndefined();
    expect(
      consideredBet({ draft: undefined, hovered: undefined, oneClickStake: "2.00" }, USD),
    ).toBeUndefined();
  });
});
