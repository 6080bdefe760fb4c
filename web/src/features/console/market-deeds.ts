/** What operators do to a market of the exchange. */
import { call, http, type Schemas } from "@/data";
import { type Asked, type Deed, given, type Values } from "./deed";

type Market = Schemas["Market"];
type Runner = Schemas["Runner"];
type Step = "suspend" | "resume" | "in-play" | "close";

const keyed = (id: string, key: string) => ({ path: { id }, header: { "Idempotency-Key": key } });

const STEPS: Readonly<Record<Step, { verb: string; note: string }>> = {
  suspend: {
    verb: "Suspend",
    note: "No orders are taken and none are matched, until it is resumed. Bets stay.",
  },
  resume: { verb: "Resume", note: "Orders are taken again at once." },
  "in-play": {
    verb: "Turn in-play",
    note: "Open orders lapse unless they were to stay; from then on orders wait for the bet delay. It cannot be undone.",
  },
  close: {
    verb: "Close",
    note: "Betting is over for good: open orders lapse, and it can only be settled or voided.",
  },
};

/** Return the steps a market can take now; none of them moves a matched bet. */
export function stepsOf({ status }: Market): readonly Step[] {
  if (status === "open") return ["suspend", "in-play", "close"];
  if (status === "suspended") return ["resume", "close"];
  return status === "in_play" ? ["suspend", "close"] : [];
}

export function stepVerb(step: Step): string {
  return STEPS[step].verb;
}

export function phase(market: Market, step: Step): Deed {
  const { verb, note } = STEPS[step];
  return {
    title: step === "in-play" ? `Turn ${market.name} in-play` : `${verb} ${market.name}`,
    verb,
    note,
    isHarmless: step === "suspend" || step === "resume",
    act: (key) => call(http.POST(`/v1/exchange/markets/{id}/${step}`, { params: keyed(market.id, key) })),
  };
}

export function settlement(market: Market): Deed {
  const runners = market.runners.filter((runner) => runner.status !== "removed");
  const isCorrection = market.status === "settled" || market.status === "void";
  const options = [
    ["", "Lost"],
    ["won", "Won"],
    ["tied", "Tied for the last place"],
  ] as const;
  const initial = (runner: Runner) => (isCorrection && runner.status === "winner" ? "won" : "");
  const named = (values: Values, as: string) =>
    runners.filter((runner) => values[`runner ${runner.id}`] === as).map((runner) => runner.id);
  const few =
    market.winners_min < market.winners
      ? `${market.winners_min} to ${market.winners}`
      : String(market.winners);
  return {
    what: "settle_market",
    id: market.id,
    title: isCorrection ? `Correct ${market.name}` : `Settle ${market.name}`,
    verb: isCorrection ? "Correct it" : "Settle it",
    note: isCorrection
      ? "The result before is taken back and this one booked. What somebody has spent meanwhile is lent by the house, and owed."
      : `${few} of ${runners.length} can win. If nobody did, all lays win.`,
    asks: runners.map((runner) => ({
      name: `runner ${runner.id}`,
      label: runner.name,
      kind: "choice",
      options,
      initial: initial(runner),
      optional: true,
    })),
    body: (values) => ({
      winners: named(values, "won"),
      tied: named(values, "tied"),
      correction: isCorrection,
    }),
    done: isCorrection ? "Corrected" : "Settled",
    act: (key, body) =>
      call(
        http.POST("/v1/exchange/markets/{id}/settle", {
          params: keyed(market.id, key),
          body: body as unknown as Schemas["SettleBody"],
        }),
      ),
  };
}

export function marketVoid(market: Market): Deed {
  const isCorrection = market.status === "settled";
  return {
    what: "void_market",
    id: market.id,
    title: `Void ${market.name}`,
    verb: "Void it",
    note: isCorrection
      ? "It was settled: what was paid is taken back, and everybody has their stakes again."
      : "All bets are undone: everybody has back what they staked.",
    body: () => ({ correction: isCorrection }),
    done: "Void",
    act: (key, body) =>
      call(
        http.POST("/v1/exchange/markets/{id}/void", {
          params: keyed(market.id, key),
          body: body as Schemas["VoidBody"],
        }),
      ),
  };
}

export function removal(market: Market, runner: Runner): Deed {
  return {
    title: `Remove ${runner.name}`,
    verb: "Remove it",
    note: "Bets on it are void. Bets on the others pay less by the reduction, its open orders lapse, and the market is suspended until you resume it.",
    asks: [
      {
        name: "reduction_bps",
        label: "Reduction",
        kind: "percent",
        initial: "0",
        hint:
          market.winners === 1
            ? "Of the odds of the bets on the others."
            : "Of the winnings of the bets on the others.",
      },
    ],
    done: "Removed",
    act: (key, body) =>
      call(
        http.POST("/v1/exchange/markets/{id}/runners/{runner_id}/remove", {
          params: { path: { id: market.id, runner_id: runner.id }, header: { "Idempotency-Key": key } },
          body: body as Schemas["RemoveRunnerBody"],
        }),
      ),
  };
}

export function reinstatement(market: Market, runner: Runner): Deed {
  return {
    title: `Reinstate ${runner.name}`,
    verb: "Reinstate it",
    note: "The removal is taken back: bets on it stand again, and the others win in full.",
    done: "Reinstated",
    act: (key) =>
      call(
        http.POST("/v1/exchange/markets/{id}/runners/{runner_id}/reinstate", {
          params: { path: { id: market.id, runner_id: runner.id }, header: { "Idempotency-Key": key } },
        }),
      ),
  };
}

/** A new market. Its runners are typed one a line. */
export function newMarket(codes: readonly (readonly [string, string])[]): Deed {
  const asks: readonly Asked[] = [
    { name: "name", label: "Name" },
    { name: "event", label: "Contest", hint: "Markets of one contest stand together.", optional: true },
    { name: "starts_at", label: "Starts (your time)", kind: "moment" },
    { name: "currency", label: "Currency", kind: "choice", options: codes, initial: codes[0]?.[0] ?? "" },
    { name: "runners", label: "Runners, with commas", hint: "Two at least: Ann, Bo, The Draw" },
    { name: "winners", label: "Places", kind: "number", initial: "1", hint: "How many of them win." },
    { name: "commission_bps", label: "Commission", kind: "percent", optional: true },
    { name: "bet_delay_seconds", label: "Bet delay in-play", kind: "number", unit: "s", optional: true },
    { name: "min_stake", label: "Smallest stake", kind: "money", optional: true },
    {
      name: "cross_matching",
      label: "Cross-matching",
      kind: "choice",
      options: [
        ["no", "No"],
        ["yes", "Yes"],
      ],
      initial: "no",
      hint: "Orders on one side of all runners are matched together. One of them wins, and none can be removed.",
    },
  ];
  return {
    title: "A new market",
    verb: "Open it",
    note: "It takes orders at once. Name, runners and terms cannot be changed afterwards.",
    asks,
    body: (values) => ({
      ...given(values, asks),
      cross_matching: values["cross_matching"] === "yes",
      runners: (values["runners"] ?? "")
        .split(/[,\n]/)
        .map((name) => ({ name: name.trim() }))
        .filter(({ name }) => name !== ""),
    }),
    isHarmless: true,
    done: "The market is open",
    act: (key, body) =>
      call(
        http.POST("/v1/exchange/markets", {
          params: { header: { "Idempotency-Key": key } },
          body: body as unknown as Schemas["MarketBody"],
        }),
      ),
  };
}
