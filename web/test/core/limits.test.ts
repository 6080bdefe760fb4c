import { describe, expect, it } from "vitest";
import { type Limits, type LimitsDraft, leftOf, NO_LIMITS, percentOf, readLimits, typedLimits } from "@/core";

const USD = { code: "USD", scale: 2 };
const TYPED: LimitsDraft = {
  ...NO_LIMITS,
  stake: "5",
  allocation: "200",
  perBetCap: "10,50",
  dailyCap: "50",
  minOdds: "1.5",
};
const LIMITS: Limits = {
  mode: "fixed",
  stake: "5.00",
  ratio: null,
  allocation: "200.00",
  per_bet_cap: "10.50",
  daily_cap: "50.00",
  max_slippage_ticks: 2,
  min_odds: "1.50",
  stop_loss_percent: null,
  markets: [],
  products: ["exchange", "sportsbook"],
};

const read = (changes: Partial<LimitsDraft>) => readLimits({ ...TYPED, ...changes }, USD, "decimal");

describe("limits of copying somebody", () => {
  it("are what was typed, as the API has it", () => {
    expect(read({})).toEqual({ wrong: {}, limits: LIMITS });
  });

  it("have a share in percent instead of a stake", () => {
    const share = (text: string) => read({ mode: "proportional", share: text }).limits?.ratio;
    expect(share("25")).toBe("0.25");
    expect(share("0,5 %")).toBe("0.005");
    expect(share("100")).toBe("1");
    expect(share("12.3456")).toBe("0.123456");
    expect(read({ mode: "proportional", share: "25" }).limits?.stake).toBeNull();
  });

  it("are not there yet while something is missing, and nothing is called wrong", () => {
    for (const field of ["stake", "allocation", "perBetCap", "dailyCap"] as const)
      expect(read({ [field]: "" })).toEqual({ wrong: {}, limits: undefined });
    expect(read({ mode: "proportional" })).toEqual({ wrong: {}, limits: undefined });
  });

  it.each([
    [{ stake: "x" }, "stake"],
    [{ allocation: "0" }, "allocation"],
    [{ perBetCap: "1.001" }, "per_bet_cap"],
    [{ dailyCap: "-1" }, "daily_cap"],
    [{ slippage: "" }, "max_slippage_ticks"],
    [{ slippage: "1.5" }, "max_slippage_ticks"],
    [{ slippage: "351" }, "max_slippage_ticks"],
    [{ minOdds: "evens" }, "min_odds"],
    [{ products: [] }, "products"],
    [{ stopLoss: "0" }, "stop_loss_percent"],
    [{ stopLoss: "100" }, "stop_loss_percent"],
    [{ stopLoss: "half" }, "stop_loss_percent"],
    [{ markets: Array.from({ length: 51 }, (_, place) => `mkt_${place}`).join(" ") }, "markets"],
    [{ mode: "proportional", share: "0" }, "ratio"],
    [{ mode: "proportional", share: "10001" }, "ratio"],
    [{ mode: "proportional", share: "1.00001" }, "ratio"],
  ] as const)("say at its field what is wrong with %o", (changes, field) => {
    const { wrong, limits } = read(changes);
    expect(limits).toBeUndefined();
    expect(Object.keys(wrong)).toEqual([field]);
    expect(wrong[field]).toMatch(/please\.|point\.|odds\./);
  });

  it("take no pools unless they were ticked, and name products in one order", () => {
    expect(NO_LIMITS.products).not.toContain("pools");
    expect(read({ products: ["pools", "exchange"] }).limits?.products).toEqual(["exchange", "pools"]);
  });

  it("have a stop-loss and markets if they were typed", () => {
    const limits = read({ stopLoss: " 40 ", markets: "mkt_1, minute\nmkt_1" }).limits;
    expect(limits?.stop_loss_percent).toBe(40);
    expect(limits?.markets).toEqual(["mkt_1", "minute"]);
  });

  it("take no heed of what is typed for where nothing is copied", () => {
    const limits = read({ products: ["pools"], slippage: "many", minOdds: "evens" }).limits;
    expect([limits?.max_slippage_ticks, limits?.min_odds]).toEqual([2, null]);
    expect(read({ products: ["pools"], slippage: "9", minOdds: "3" }).limits?.max_slippage_ticks).toBe(9);
  });

  it("come back as they were when they are changed", () => {
    const shared: Limits = {
      ...LIMITS,
      mode: "proportional",
      stake: null,
      ratio: "0.25",
      min_odds: null,
      stop_loss_percent: 40,
      markets: ["mkt_1", "minute"],
    };
    for (const limits of [LIMITS, shared])
      expect(readLimits(typedLimits(limits, "american"), USD, "american").limits).toEqual(limits);
  });
});

describe("what is left of a limit", () => {
  it("is what is not used, and never less than nothing", () => {
    expect(leftOf("200.00", "50.00", 2)).toEqual({ left: "150.00", usedPercent: 25 });
    expect(leftOf("10.00", "12.00", 2)).toEqual({ left: "0.00", usedPercent: 100 });
    expect(leftOf("10.00", "0.00", 2)).toEqual({ left: "10.00", usedPercent: 0 });
    expect(leftOf("-5.00", "0.00", 2)).toEqual({ left: "0.00", usedPercent: 100 });
    expect(leftOf("0.00", "0.00", 2)).toEqual({ left: "0.00", usedPercent: 100 });
  });

  it("is told of shares in percent", () => {
    expect(["0.25", "1", "0.005", "12.5"].map(percentOf)).toEqual(["25", "100", "0.5", "1250"]);
  });
});
