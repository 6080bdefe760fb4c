/** A proof that the core's own functions made holds; whatever is changed in it does not. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { checkProof, compareDecimals, parseExact } from "@/core";

const text = readFileSync(new URL("../../../tests/vectors/round_proof.json", import.meta.url), "utf-8");
const holds = (proof: string) => checkProof(proof, "ndx-daily", "20261127").every((each) => each.holds);

describe("a round's proof", () => {
  test("holds as it is", () => {
    const checks = checkProof(text, "ndx-daily", "20261127");
    expect(checks.filter((each) => !each.holds)).toEqual([]);
    expect(checks).toHaveLength(5);
  });

  test.each([
    ["the lock's last nanosecond", /1795813199000000001/, "1795813199000000002"],
    ["a stake", /"amount_minor": ([0-9]+)/, '"amount_minor": 7'],
    ["a payout", /"payout_minor": [1-9][0-9]*/, '"payout_minor": 1'],
    ["the fee", /"fee_minor": [0-9]+/, '"fee_minor": 1'],
    ["what rounding left over", /"rounding_minor": [0-9]+/, '"rounding_minor": 999'],
    ["a side", /"side": "up"/, '"side": "down"'],
    ["the rate of the fee", /"fee_bps": 100/, '"fee_bps": 0'],
    ["the price", /19218\.17"/, '19218.1689"'],
    ["the result", /"result": "up"/, '"result": "down"'],
    ["the name of the pool", /täglich/, "daily"],
    ["the pool", /"pool": "ndx-daily"/, '"pool": "other"'],
  ])("does not hold when %s is changed", (_what, from, to) => {
    expect(text).toMatch(from);
    expect(holds(text.replace(from, to))).toBe(false);
  });

  test.each(["{}", "[]", "null", "", "<html>", '{"committed": 5}'])("%j is no proof", (other) => {
    expect(holds(other)).toBe(false);
  });
});

test("whole numbers stay exact, fractions stay numbers, texts stay texts", () => {
  expect(parseExact('{"a":1795813199000000001,"b":0.5,"c":"1795813199000000001","d":12}')).toEqual({
    a: 1795813199000000001n,
    b: 0.5,
    c: "1795813199000000001",
    d: 12,
  });
});

test("prices are compared digit by digit", () => {
  expect([
    compareDecimals("10", "9.99"),
    compareDecimals("1.10", "1.1"),
    compareDecimals("0.0000000000000000001", "0"),
  ]).toEqual([1, 0, 1]);
});
