import { describe, expect, it } from "vitest";
import { entriesOf } from "@/features/market/entries";

const CANDLES = [{ opens_at: "2026-11-30T06:01:00Z" }, { opens_at: "2026-11-30T06:00:00Z" }];
const bet = (at: string, side: "back" | "lay", size: string) => ({ at: `2026-11-30T${at}Z`, side, size });

describe("own bets on a chart", () => {
  it("are one mark for each side of a candle, with their stakes added up", () => {
    const bets = [
      bet("06:01:59.999", "back", "2.00"),
      bet("06:00:00", "lay", "0.10"),
      bet("06:01:00", "back", "3.50"),
      bet("06:00:10", "lay", "0.20"),
    ];
    expect(entriesOf(bets, CANDLES, 2)).toEqual([
      { opensAt: "2026-11-30T06:00:00Z", side: "lay", size: "0.30" },
      { opensAt: "2026-11-30T06:01:00Z", side: "back", size: "5.50" },
    ]);
  });

  it("are left out where there is no candle of their time", () => {
    expect(entriesOf([bet("05:59:59", "back", "2.00")], CANDLES, 2)).toEqual([]);
    expect(entriesOf([bet("06:00:00", "back", "2.00")], [], 2)).toEqual([]);
  });
});
