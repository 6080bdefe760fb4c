/** What a challenge risks and wins is what the server books: the cases of the slip say what the backer wins, and the fee. */
import { readFileSync } from "node:fs";
import { describe, expect, it, test } from "vitest";
import { afterFee, challengeOf, type Side } from "@/core";

interface Vectors {
  orders: { side: Side; odds: number; stake_minor: string; profit_minor: string }[];
  commissions: { profit_minor: string; bps: number; discount_bps: number; commission_minor: string }[];
}

const { orders, commissions } = JSON.parse(
  readFileSync(new URL("../../../tests/vectors/slip.json", import.meta.url), "utf-8"),
) as Vectors;

describe("the same as the server", () => {
  test.each(orders.filter(({ side }) => side === "back"))("$stake_minor at $odds", (each) => {
    const stake = BigInt(each.stake_minor);
    const profit = BigInt(each.profit_minor);
    expect(challengeOf("back", each.odds, stake, 0)).toEqual({ riskMinor: stake, winMinor: profit });
    // What the backer wins the layer risks, and no minor unit more.
    expect(challengeOf("lay", each.odds, stake, 0)).toEqual({ riskMinor: profit, winMinor: stake });
  });

  test.each(commissions.filter((each) => each.discount_bps === 0))("fee on $profit_minor", (each) => {
    const won = BigInt(each.profit_minor);
    expect(afterFee(won, each.bps)).toBe(won - BigInt(each.commission_minor));
  });
});

describe("what is won of a challenge", () => {
  it("is less than what the other side risks by the fee", () => {
    expect(challengeOf("back", 200, 500n, 200)).toEqual({ riskMinor: 500n, winMinor: 490n });
    expect(challengeOf("lay", 250, 1000n, 200)).toEqual({ riskMinor: 1500n, winMinor: 980n });
  });

  it("rounds down once where a lay on the exchange would round up", () => {
    expect(challengeOf("lay", 133, 7n, 0)).toEqual({ riskMinor: 2n, winMinor: 7n });
  });
});
