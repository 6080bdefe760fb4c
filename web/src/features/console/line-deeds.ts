/** What operators have the line provider publish: a new event, and other odds of one. */
import { call, http, type Schemas } from "@/data";
import { type Asked, type Deed, given, localOf, momentOf, type Values } from "./deed";

type Event = Schemas["SportsbookEvent"];
type Change = Schemas["MarketChangeBody"];

const ROWS = 3;
const ROWS_NEEDED = 2;
const OFFERED = [
  ["open", "Bets are taken"],
  ["suspended", "Suspended"],
] as const;

const nameOf = (row: number) => `name ${row}`;
const oddsOf = (row: number) => `odds ${row}`;

/** A row of name and odds; the first is number 1. */
function row(number: number): readonly Asked[] {
  const optional = number > ROWS_NEEDED;
  return [
    {
      name: nameOf(number),
      label: `Selection ${number}`,
      optional,
      ...(number === 1 ? { group: "What one can bet on" } : {}),
    },
    { name: oddsOf(number), label: `Odds of selection ${number}`, kind: "odds", optional },
  ];
}

/** The numbers of the rows in which anything was typed. */
function filled(values: Values): readonly number[] {
  const rows = Object.keys(values).flatMap((name) => /^name (\d+)$|^odds (\d+)$/.exec(name)?.slice(1) ?? []);
  return [...new Set(rows.filter(Boolean).map(Number))]
    .sort((a, b) => a - b)
    .filter((each) => values[nameOf(each)]?.trim() || values[oddsOf(each)]?.trim());
}

/** A new event with one market. `created` is told its id. */
export function newEvent(created: (id: string) => void): Deed {
  const asks: readonly Asked[] = [
    { name: "title", label: "Title", hint: "Ann v Bo" },
    { name: "deadline", label: "Bets until (your time)", kind: "moment" },
    { name: "sport", label: "Sport", optional: true },
    { name: "competition", label: "Competition", optional: true },
    {
      name: "market",
      label: "Market",
      initial: "Match odds",
      hint: "The question: who wins, how many goals.",
    },
  ];
  return {
    title: "A new event",
    verb: "Create it",
    note: "The line provider publishes it, and bets are taken on it at once. Names cannot be changed afterwards, but for the title.",
    asks: [...asks, ...Array.from({ length: ROWS }, (_, place) => row(place + 1)).flat()],
    more: { verb: "Another selection", asks: (turn) => row(ROWS + 1 + turn) },
    body: (values) => {
      const { market, ...event } = given(values, asks);
      const selections = filled(values).map((each) => given(rename(values, each), SELECTION));
      return { ...event, markets: [{ name: market, selections }] };
    },
    field: (path, values) => {
      const found = /^markets\[0\]\.(?:selections\[(\d+)\]\.(name|odds)|name$)/.exec(path);
      if (!found) return undefined;
      const number = found[1] === undefined ? undefined : filled(values)[Number(found[1])];
      return number === undefined ? "market" : `${found[2]} ${number}`;
    },
    isHarmless: true,
    done: "The event is open for bets",
    act: (key, body) =>
      call(
        http.POST("/v1/sportsbook/events", {
          params: { header: { "Idempotency-Key": key } },
          body: body as unknown as Schemas["NewEventBody"],
        }),
      ),
    after: (answer) => created((answer as Event).id),
  };
}

const SELECTION: readonly Asked[] = [
  { name: "name", label: "" },
  { name: "odds", label: "", kind: "odds" },
];

function rename(values: Values, number: number): Values {
  return { name: values[nameOf(number)] ?? "", odds: values[oddsOf(number)] ?? "" };
}

/** Other odds of an event, another title or deadline, or no bets on some of it. What is not changed is not sent. */
export function newOdds(event: Event): Deed {
  const about: readonly Asked[] = [
    { name: "title", label: "Title", initial: event.title },
    {
      name: "deadline",
      label: "Bets until (your time)",
      kind: "moment",
      initial: localOf(event.deadline),
    },
  ];
  const markets = event.markets
    .filter((market) => market.status === "open" || market.status === "suspended")
    .map((market) => ({
      key: market.key,
      selections: market.selections
        .filter((selection) => selection.status !== "removed")
        .map((selection, place) => {
          const id = JSON.stringify([market.key, selection.key]);
          const odds: Asked = {
            name: `odds ${id}`,
            label: `Odds of ${selection.name}`,
            kind: "odds",
            initial: selection.odds,
            ...(place === 0 ? { group: market.name } : {}),
          };
          const state: Asked = {
            name: `state ${id}`,
            label: `Bets on ${selection.name}`,
            kind: "choice",
            options: OFFERED,
            initial: selection.status,
          };
          return { key: selection.key, odds, state };
        }),
    }));
  const changed = (values: Values, asked: Asked) => (values[asked.name] ?? "").trim() !== asked.initial;
  const changes = (values: Values): readonly Change[] =>
    markets.flatMap(({ key, selections }) => {
      const named = selections
        .filter(({ odds, state }) => changed(values, odds) || changed(values, state))
        .map(({ key: selection, odds, state }) => ({
          key: selection,
          ...(changed(values, odds) ? { odds: (values[odds.name] ?? "").trim().replace(",", ".") } : {}),
          ...(changed(values, state) ? { suspended: values[state.name] === "suspended" } : {}),
        }));
      return named.length > 0 ? [{ key, selections: named }] : [];
    });
  const body = (values: Values) => {
    const named = changes(values);
    const [title, deadline] = about.map(
      (asked) => changed(values, asked) && (values[asked.name] ?? "").trim(),
    );
    return {
      ...(title ? { title } : {}),
      ...(deadline ? { deadline: momentOf(deadline) } : {}),
      ...(named.length > 0 ? { markets: named } : {}),
    };
  };
  return {
    title: `Change ${event.title}`,
    verb: "Change it",
    note: "The line provider publishes it, and new bets have these odds at once. Bets that were struck keep theirs.",
    asks: [
      ...about,
      ...markets.flatMap(({ selections }) => selections.flatMap(({ odds, state }) => [odds, state])),
    ],
    isReady: (values) => Object.keys(body(values)).length > 0,
    body,
    field: (path, values) => {
      const found = /^markets\[(\d+)\]\.selections\[(\d+)\]/.exec(path);
      const market = found && changes(values)[Number(found[1])];
      const selection = found && market?.selections?.[Number(found[2])];
      return market && selection ? `odds ${JSON.stringify([market.key, selection.key])}` : undefined;
    },
    isHarmless: true,
    done: "Changed",
    act: (key, body) =>
      call(
        http.PATCH("/v1/sportsbook/events/{id}", {
          params: { path: { id: event.id }, header: { "Idempotency-Key": key } },
          body: body as Schemas["EventChangeBody"],
        }),
      ),
  };
}
