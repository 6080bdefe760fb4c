import { describe, expect, it } from "vitest";
import type { Round } from "@/data";
import { withLive } from "@/features/pools/with-live";

const round = (minute: number, status: Round["status"]) =>
  ({ code: `r${minute}`, status, locks_at: `2026-11-30T06:0${minute}:00Z` }) as Round;
const told = (rounds: readonly Round[]) => rounds.map((each) => `${each.code} ${each.status}`);

describe("the rounds of a pool", () => {
  it("are told as the live ones are, and begin with one that was not there when they were read", () => {
    const read = [round(2, "open"), round(1, "locked"), round(0, "settled")];
    const now = { round: round(3, "open"), previous: round(2, "settled") };
    expect(told(withLive(read, now))).toEqual(["r3 open", "r2 settled", "r1 locked", "r0 settled"]);
  });

  it("are what was read while nothing live is known", () => {
    const read = [round(1, "open"), round(0, "settled")];
    expect(told(withLive(read, undefined))).toEqual(["r1 open", "r0 settled"]);
    expect(told(withLive(read, { round: null, previous: null }))).toEqual(["r1 open", "r0 settled"]);
  });
});
