import { describe, expect, test } from "vitest";
import { ladderNamed, ODDS_FORMATS, readOdds, showOdds } from "@/core";

const classic = ladderNamed("classic");

describe("formats of odds", () => {
  test.each(ODDS_FORMATS)("all 350 prices come back from %s as they were", (format) => {
    expect(classic.prices).toHaveLength(350);
    for (const price of classic.prices) {
      expect(readOdds(showOdds(price, format), format, classic)).toBe(price);
    }
  });

  test.each([
    [250, "2.50", "3/2", "+150", "40.0 %"],
    [200, "2.00", "1/1", "+100", "50.0 %"],
    [150, "1.50", "1/2", "−200", "66.7 %"],
    [101, "1.01", "1/100", "−10000", "99.0 %"],
    [1100, "11.00", "10/1", "+1000", "9.09 %"],
  ])("%d is %s, %s, %s and %s", (odds, decimal, fractional, american, percent) => {
    expect(showOdds(odds, "decimal")).toBe(decimal);
    expect(showOdds(odds, "fractional")).toBe(fractional);
    expect(showOdds(odds, "american")).toBe(american);
    expect(showOdds(odds, "percent")).toBe(percent);
  });

  test.each(["", "abc", "0", "1.00", "1001", "-2", "1/0", "NaN", "1e3"])("%j is no odds", (text) => {
    expect(readOdds(text, "decimal", classic)).toBeUndefined();
  });

  test("what lies between two prices snaps to the nearer one, a comma is a point", () => {
    expect(readOdds("3,07", "decimal", classic)).toBe(305);
    expect(readOdds("3.08", "decimal", classic)).toBe(310);
    expect(readOdds("1000", "decimal", classic)).toBe(100_000);
  });
});

describe("ladder", () => {
  test("ticks go from price to price and stop at the ends", () => {
    expect(classic.step(200, 1)).toBe(202);
    expect(classic.step(200, -1)).toBe(199);
    expect(classic.step(101, -5)).toBe(101);
    expect(classic.step(100_000, 5)).toBe(100_000);
    expect(classic.step(307, 1)).toBe(310);
  });
});
