/** Deltas, in any order of prices and however often, leave the same book as a snapshot of the end. */
import { describe, expect, test } from "vitest";
import { bookKeys, type Level, ladderNamed, MarketBook, type MarketMessage, oddsText } from "@/core";

/** A small generator with a seed, so that a failure can be repeated. */
function drawFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state % below;
  };
}

const prices = ladderNamed("classic").prices;

function message(type: "snapshot" | "delta", fields: Partial<MarketMessage>): MarketMessage {
  return { type, channel: "market", id: "mkt_1", seq: 1, runners: [], ...fields };
}

function snapshot(levels: ReadonlyMap<string, Map<number, string>>): MarketMessage {
  const side = (key: string, direction: number): Level[] =>
    [...(levels.get(key) ?? [])]
      .sort(([one], [other]) => (one - other) * direction)
      .map(([odds, size]) => [oddsText(odds), size]);
  return message("snapshot", {
    name: "Cup",
    currency: "USD",
    status: "open",
    runners: ["1", "2"].map((id) => ({
      id,
      name: id,
      status: "active",
      to_back: side(`${id} to_back`, -1),
      to_lay: side(`${id} to_lay`, 1),
    })),
  });
}

describe("a market's book", () => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8])("fuzzed deltas end as the snapshot does (seed %d)", (seed) => {
    const draw = drawFrom(seed);
    const truth = new Map<string, Map<number, string>>();
    const followed = new MarketBook(() => {});
    followed.take(snapshot(truth));
    for (let turn = 0; turn < 400; turn += 1) {
      const id = String(1 + draw(2));
      const side = draw(2) ? "to_back" : "to_lay";
      const odds = prices[draw(prices.length)] ?? 101;
      const size = draw(3) ? `${1 + draw(500)}.00` : "0.00";
      const levels = truth.get(`${id} ${side}`) ?? new Map<number, string>();
      truth.set(`${id} ${side}`, levels);
      if (size === "0.00") levels.delete(odds);
      else levels.set(odds, size);
      followed.take(message("delta", { runners: [{ id, [side]: [[oddsText(odds), size]] }] }));
    }
    const read = new MarketBook(() => {});
    read.take(snapshot(truth));
    for (const id of ["1", "2"]) expect(followed.runner(id)).toEqual(read.runner(id));
  });

  test("whoever shows a runner is told once a frame, and only of that runner", () => {
    const frames: (() => void)[] = [];
    const book = new MarketBook((flush) => frames.push(flush));
    book.take(snapshot(new Map()));
    frames.shift()?.();
    const told = { one: 0, two: 0 };
    book.store.subscribe(bookKeys.runner("1"), () => {
      told.one += 1;
    });
    book.store.subscribe(bookKeys.runner("2"), () => {
      told.two += 1;
    });
    for (let turn = 0; turn < 50; turn += 1) {
      book.take(message("delta", { runners: [{ id: "1", to_back: [["2.50", `${turn + 1}.00`]] }] }));
    }
    expect(frames).toHaveLength(1);
    frames.shift()?.();
    expect(told).toEqual({ one: 1, two: 0 });
    expect(book.runner("1")?.toBack).toEqual([{ odds: 250, size: "50.00" }]);
  });

  test("the latest trades come first, and no more than are shown are kept", () => {
    const book = new MarketBook(() => {});
    book.take(snapshot(new Map()));
    for (let turn = 0; turn < 300; turn += 1) {
      const trade = {
        id: `trd_${turn}`,
        runner_id: "1",
        odds: "2.00",
        size: "1.00",
        taker_side: "back",
        at: "",
      } as const;
      book.take(message("delta", { runners: [], trades: [trade] }));
    }
    expect(book.trades).toHaveLength(200);
    expect(book.trades[0]?.id).toBe("trd_299");
  });
});
