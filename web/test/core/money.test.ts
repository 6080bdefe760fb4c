import { describe, expect, test } from "vitest";
import { amountOf, ceilDivide, cutTo, floorDivide, minorOf, moneyText, readAmount } from "@/core";

const USD = { code: "USD", scale: 2 };
const JPY = { code: "JPY", scale: 0 };
const USDC = { code: "USDC", scale: 6 };

describe("amounts", () => {
  test.each([
    ["10.50", 2, 1_050n],
    ["-0.01", 2, -1n],
    ["0.000001", 6, 1n],
    ["999999999999999.99", 2, 99_999_999_999_999_999n],
    ["7", 0, 7n],
  ])("%s with %d digits", (text, scale, minor) => {
    expect(minorOf(text, scale)).toBe(minor);
    expect(amountOf(minor, scale)).toBe(text);
  });

  test.each([
    ["10", 1_000n],
    ["10.5", 1_050n],
    ["10,50", 1_050n],
    [" 1 000,50 ", 100_050n],
    ["1,000.50", 100_050n],
    ["1.000,50", 100_050n],
    ["1,000,000", 100_000_000n],
    [".5", 50n],
  ])("typed %j", (text, minor) => {
    expect(readAmount(text, USD)).toEqual({ minor });
  });

  test.each(["1.000", "0", "-5", "1e3", "ten", "1.005", "99999999999999999999"])(
    "%j is asked about",
    (text) => {
      expect(readAmount(text, USD)).toHaveProperty("wrong");
    },
  );

  test("each currency has its digits", () => {
    expect(readAmount("1.5", JPY)).toEqual({ wrong: "JPY has no smaller units." });
    expect(readAmount("0,000001", USDC)).toEqual({ minor: 1n });
    expect(readAmount("", USD)).toEqual({ empty: true });
  });

  test("for people", () => {
    expect(moneyText("1234567.80")).toBe("1\u2009234\u2009567.80");
    expect(moneyText("-5.00", { code: "USD" })).toBe("\u22125.00\u00a0USD");
    expect(moneyText("5.00", { signed: true })).toBe("+5.00");
    expect(moneyText("0.00", { signed: true })).toBe("0.00");
  });
});

test("what has more digits than its currency is cut, not rounded", () => {
  expect([cutTo("1.999999", 2), cutTo("1.5", 2), cutTo("12", 2)]).toEqual(["1.99", "1.50", "12.00"]);
  expect([cutTo("1.999999", 6), cutTo("1.999999", 0)]).toEqual(["1.999999", "1"]);
});

test("quotients round as the ledger does", () => {
  expect([floorDivide(7n, 2n), floorDivide(-7n, 2n), floorDivide(-8n, 2n)]).toEqual([3n, -4n, -4n]);
  expect([ceilDivide(7n, 2n), ceilDivide(-7n, 2n)]).toEqual([4n, -3n]);
});
