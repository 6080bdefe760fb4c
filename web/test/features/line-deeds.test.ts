// @vitest-environment happy-dom
/** What an operator types about an event, as it is sent, and to which field an answer about it belongs. */
import { expect, test } from "vitest";
import type { Schemas } from "@/data";
import type { Asked, Deed, Values } from "@/features/console/deed";
import { localOf, momentOf } from "@/features/console/deed";
import { newEvent, newOdds } from "@/features/console/line-deeds";

const TYPED: Values = {
  title: " Ann v Bo ",
  deadline: "2030-01-01T12:00:00",
  sport: "",
  competition: "",
  market: "Match odds",
  "name 1": "Ann",
  "odds 1": "1,80",
  "name 2": "Bo",
  "odds 2": " 2.10 ",
  "name 3": " ",
  "odds 3": "",
  "name 4": "",
  "odds 4": "3",
  "name 10": "Draw",
  "odds 10": "4",
};

const selection = (key: string, odds: string, status: "open" | "suspended" | "removed" = "open") => ({
  key,
  name: key.toUpperCase(),
  odds,
  status,
  result: null,
  dead_heat: null,
});

const EVENT: Schemas["SportsbookEvent"] = {
  id: "m-1",
  title: "Ann v Bo",
  sport: null,
  competition: null,
  starts_at: null,
  deadline: "2030-01-01T12:00:00.5Z",
  status: "new",
  suspended: false,
  coefficient: null,
  markets: [
    { key: "half", name: "Half time", status: "settled", selections: [selection("ann", "2.00")] },
    {
      key: "main",
      name: "Match odds",
      status: "open",
      selections: [
        selection("ann", "1.80"),
        selection("cleo", "9.00", "removed"),
        selection("bo", "2.10", "suspended"),
      ],
    },
  ],
  version: 1,
  as_of: null,
  stale: false,
};

const initial = (deed: Deed): Values =>
  Object.fromEntries((deed.asks ?? []).map((each: Asked) => [each.name, each.initial ?? ""]));

test("a new event has the rows in which something was typed", () => {
  expect(newEvent(() => {}).body?.(TYPED)).toEqual({
    title: "Ann v Bo",
    deadline: momentOf("2030-01-01T12:00:00"),
    markets: [
      {
        name: "Match odds",
        selections: [
          { name: "Ann", odds: "1.80" },
          { name: "Bo", odds: "2.10" },
          { odds: "3" },
          { name: "Draw", odds: "4" },
        ],
      },
    ],
  });
});

test("what the server says of a selection belongs to the row in which it was typed", () => {
  const { field } = newEvent(() => {});
  expect(field?.("markets[0].selections[2].name", TYPED)).toBe("name 4");
  expect(field?.("markets[0].selections[3].odds", TYPED)).toBe("odds 10");
  expect(field?.("markets[0].name", TYPED)).toBe("market");
  expect(field?.("title", TYPED)).toBeUndefined();
});

test("the page of the event follows", () => {
  const seen: string[] = [];
  newEvent((id) => seen.push(id)).after?.(EVENT);
  expect(seen).toEqual(["m-1"]);
});

test("of an event only what is open can be changed, and nothing is to be done while nothing is changed", () => {
  const deed = newOdds(EVENT);
  const labels = deed.asks?.map((each) => each.label);
  expect(labels?.slice(2)).toEqual(["Odds of ANN", "Bets on ANN", "Odds of BO", "Bets on BO"]);
  expect(deed.body?.(initial(deed))).toEqual({});
  expect(deed.isReady?.(initial(deed))).toBe(false);
});

test("only what was changed is sent", () => {
  const deed = newOdds(EVENT);
  const name = (what: string, key: string) => `${what} ${JSON.stringify(["main", key])}`;
  const values = { ...initial(deed), [name("odds", "bo")]: "2,05", [name("state", "bo")]: "open" };
  expect(deed.isReady?.(values)).toBe(true);
  expect(deed.body?.(values)).toEqual({
    markets: [{ key: "main", selections: [{ key: "bo", odds: "2.05", suspended: false }] }],
  });
  expect(deed.field?.("markets[0].selections[0].odds", values)).toBe(name("odds", "bo"));
  expect(deed.body?.({ ...initial(deed), title: "Ann v Bo (F)", deadline: "2031-01-01T12:00:00" })).toEqual({
    title: "Ann v Bo (F)",
    deadline: momentOf("2031-01-01T12:00:00"),
  });
});

test("a moment in one's own time is the same moment", () => {
  expect(momentOf(localOf("2030-06-30T12:34:56Z"))).toBe("2030-06-30T12:34:56.000Z");
});
