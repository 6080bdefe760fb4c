import { describe, expect, it } from "vitest";
import { greenUp, isClosed, ownResult, withBet } from "@/core";

describe("where several runners win", () => {
  const stands = withBet([], { runner: "1", side: "back", odds: 300, stakeMinor: 1000n });

  it("a runner's own bets say what it brings", () => {
    expect(ownResult(stands, "1")).toEqual({ ifWins: 2000n, ifNot: -1000n });
    expect(ownResult(stands, "2")).toEqual({ ifWins: 0n, ifNot: 0n });
  });

  it("a bet on another runner changes nothing of it", () => {
    const both = withBet(stands, { runner: "2", side: "lay", odds: 200, stakeMinor: 500n });
    expect(ownResult(both, "1")).toEqual(ownResult(stands, "1"));
    expect(ownResult(both, "2")).toEqual({ ifWins: -500n, ifNot: 500n });
  });

  it("closing makes both the same, to a few minor units", () => {
    const [stand] = stands;
    const order = stand && greenUp(stand, { toBack: 240, toLay: 250 });
    expect(order).toMatchObject({ side: "lay", stakeMinor: 1200n });
    if (!order) return;
    const { ifWins, ifNot } = ownResult(withBet(stands, { runner: "1", ...order }), "1");
    expect(ifWins).toBe(200n);
    expect(ifNot).toBe(200n);
  });

  it("a stand is closed once no whole minor unit brings both ends nearer", () => {
    const after = withBet(withBet([], { runner: "1", side: "back", odds: 228, stakeMinor: 1000n }), {
      runner: "1",
      side: "lay",
      odds: 246,
      stakeMinor: 927n,
    });
    const [stand] = after;
    expect(stand?.valueCents).toBe(-42n);
    expect(stand && isClosed(stand, 246)).toBe(true);
    expect(stands[0] && isClosed(stands[0], 246)).toBe(false);
  });
});
