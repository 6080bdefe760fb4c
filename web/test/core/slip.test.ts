/** The slip's arithmetic is the server's: the same cases run in pytest against the core (tests/core/test_slip_vectors.py). */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  bookPercent,
  commissionOn,
  greenUp,
  ladderNamed,
  leastStake,
  oddsText,
  outcomeOf,
  type PoolSide,
  percentages,
  profitIfWins,
  returnOf,
  type Side,
  type Stand,
  willPay,
  withBet,
} from "@/core";

interface Vectors {
  orders: { side: Side; odds: number; stake_minor: string; profit_minor: string; liability_minor: string }[];
  commissions: { profit_minor: string; bps: number; discount_bps: number; commission_minor: string }[];
  bets: { stake_minor: string; odds: number[]; return_minor: string }[];
  rounds: {
    up_minor: string;
    down_minor: string;
    side: PoolSide;
    stake_minor: string;
    fee_bps: number;
    will_pay_minor: string;
  }[];
  least_stakes: { odds: number; stake_minor: string }[];
  ladders: { name: string; prices: string[] }[];
}

const vectors = JSON.parse(
  readFileSync(new URL("../../../tests/vectors/slip.json", import.meta.url), "utf-8"),
) as Vectors;

describe("the same as the server", () => {
  test.each(vectors.orders)("order $side $stake_minor at $odds", (each) => {
    expect(outcomeOf(each.side, each.odds, BigInt(each.stake_minor))).toEqual({
      profitMinor: BigInt(each.profit_minor),
      liabilityMinor: BigInt(each.liability_minor),
    });
  });

  test.each(vectors.commissions)("commission on $profit_minor", (each) => {
    const commission = { bps: each.bps, discountBps: each.discount_bps };
    expect(commissionOn(BigInt(each.profit_minor), commission)).toBe(BigInt(each.commission_minor));
  });

  test.each(vectors.bets)("bet of $stake_minor on $odds", (each) => {
    expect(returnOf(BigInt(each.stake_minor), each.odds)).toBe(BigInt(each.return_minor));
  });

  test.each(vectors.rounds)("stake of $stake_minor on $side", (each) => {
    const sides = { up: BigInt(each.up_minor), down: BigInt(each.down_minor) };
    expect(willPay(sides, each.side, BigInt(each.stake_minor), each.fee_bps)).toBe(
      BigInt(each.will_pay_minor),
    );
  });

  test.each(vectors.least_stakes)("least stake at $odds", (each) => {
    expect(leastStake(each.odds)).toBe(BigInt(each.stake_minor));
  });

  test.each(vectors.ladders)("ladder $name", (each) => {
    expect(ladderNamed(each.name).prices.map(oddsText)).toEqual(each.prices);
  });
});

const NO_COMMISSION = { bps: 0, discountBps: 0 };

describe("positions", () => {
  test("a back and a lay at shorter odds win the same whatever happens", () => {
    // The example of evens.core.exchange.exposure: 10.00 at 3.00, then a lay of 15.00 at 2.00.
    const backed = withBet([], { runner: "1", side: "back", odds: 300, stakeMinor: 1_000n });
    const hedged = withBet(backed, { runner: "1", side: "lay", odds: 200, stakeMinor: 1_500n });
    expect(profitIfWins(hedged, "1", NO_COMMISSION)).toBe(500n);
    expect(profitIfWins(hedged, "2", NO_COMMISSION)).toBe(500n);
  });

  test("a profit pays commission, a loss does not", () => {
    const backed = withBet([], { runner: "1", side: "back", odds: 300, stakeMinor: 1_000n });
    expect(profitIfWins(backed, "1", { bps: 200, discountBps: 0 })).toBe(1_960n);
    expect(profitIfWins(backed, "2", { bps: 200, discountBps: 0 })).toBe(-1_000n);
  });

  test("greening up levels both ends to less than the odds in minor units", () => {
    for (let seed = 1; seed < 500; seed += 1) {
      const stand: Stand = {
        runner: "1",
        stakeMinor: BigInt((seed * 7919) % 100_000) - 50_000n,
        valueCents: BigInt((seed * 104_729) % 50_000_000) - 25_000_000n,
      };
      const order = greenUp(stand, { toBack: 234, toLay: 238 });
      if (!order) continue;
      const closed = withBet([stand], { runner: "1", ...order });
      const apart = profitIfWins(closed, "1", NO_COMMISSION) - profitIfWins(closed, "2", NO_COMMISSION);
      expect(apart < 0n ? -apart : apart).toBeLessThanOrEqual(BigInt(Math.ceil(order.odds / 100)));
    }
  });

  test("there is nothing to close without a stand, or without a price", () => {
    const flat: Stand = { runner: "1", stakeMinor: -500n, valueCents: 0n };
    expect(greenUp(flat, { toBack: 200, toLay: 202 })).toBeUndefined();
    const backed: Stand = { runner: "1", stakeMinor: 500n, valueCents: 100_000n };
    expect(greenUp(backed, { toBack: 200, toLay: undefined })).toBeUndefined();
  });
});

describe("shares", () => {
  test("a book without runners, or without a price of one, has no percentage", () => {
    expect(bookPercent([])).toBeUndefined();
    expect(bookPercent([200, undefined])).toBeUndefined();
    expect(bookPercent([200, 400])).toBe(75);
  });

  test("a round in which nobody has staked is not half up and half down", () => {
    expect(percentages({ up: 0n, down: 0n })).toBeUndefined();
    expect(percentages({ up: 1n, down: 2n })).toEqual({ up: 33, down: 67 });
    expect(percentages({ up: 5n, down: 0n })).toEqual({ up: 100, down: 0 });
  });
});
