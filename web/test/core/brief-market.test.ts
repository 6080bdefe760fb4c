import { describe, expect, it } from "vitest";
import { BRIEF, BriefMarket, type LobbyMessage } from "@/core";

const message = (fields: Partial<LobbyMessage>): LobbyMessage => ({
  type: "delta",
  channel: "lobby",
  id: "mkt_1",
  seq: 2,
  runners: [],
  ...fields,
});

function followed(): BriefMarket {
  const market = new BriefMarket((flush) => flush());
  market.take(
    message({
      type: "snapshot",
      status: "open",
      working: false,
      runners: [
        { id: "1", status: "active", last_odds: "2.50", matched: "15.00", to_back: [["2.50", "10.00"]] },
        { id: "2", status: "active", last_odds: null, matched: "0.00", to_lay: [["3.05", "4.00"]] },
      ],
    }),
  );
  return market;
}

describe("a market in brief", () => {
  it("has the best price of each side", () => {
    const brief = followed().store.get(BRIEF);
    expect(brief?.runners.get("1")).toMatchObject({ back: 250, lay: undefined, lastOdds: 250 });
    expect(brief?.runners.get("2")).toMatchObject({ back: undefined, lay: 305, lastOdds: undefined });
  });

  it("changes the runners that a delta names, whole, and keeps the others", () => {
    const market = followed();
    market.take(message({ runners: [{ id: "1", status: "active", matched: "20.00", to_back: [] }] }));
    const brief = market.store.get(BRIEF);
    expect(brief?.runners.get("1")).toMatchObject({ back: undefined, matched: "20.00" });
    expect(brief?.runners.get("2")?.lay).toBe(305);
    expect(brief?.status).toBe("open");
  });

  it("takes the status from a delta that has one", () => {
    const market = followed();
    market.take(message({ status: "suspended", working: true }));
    expect(market.store.get(BRIEF)).toMatchObject({ status: "suspended", isWorking: true });
  });

  it("forgets with a snapshot what was before it", () => {
    const market = followed();
    market.take(message({ type: "snapshot", status: "in_play", runners: [{ id: "2" }] }));
    expect([...(market.store.get(BRIEF)?.runners.keys() ?? [])]).toEqual(["2"]);
  });
});
