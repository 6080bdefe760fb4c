/** What operators do to an event of the sportsbook. */
import { call, http, type Schemas } from "@/data";
import { type Asked, bpsOf, type Deed, given, type Values } from "./deed";

type Event = Schemas["SportsbookEvent"];
type Conflict = Schemas["Conflict"];

const keyed = (id: string, key: string) => ({ path: { id }, header: { "Idempotency-Key": key } });

export function hold(event: Event): Deed {
  const step = event.suspended ? "resume" : "suspend";
  return {
    title: `${event.suspended ? "Resume" : "Suspend"} ${event.title}`,
    verb: event.suspended ? "Resume" : "Suspend",
    note: event.suspended
      ? "Bets are taken again, on what its provider offers."
      : "No bets are taken on it and none are cashed out, whatever its provider says. Bets stay.",
    isHarmless: true,
    act: (key) => call(http.POST(`/v1/sportsbook/events/{id}/${step}`, { params: keyed(event.id, key) })),
  };
}

const RESULTS = [
  ["", "Not named"],
  ["won", "Won"],
  ["lost", "Lost"],
  ["void", "Void"],
  ["half_won", "Half won"],
  ["half_lost", "Half lost"],
  ["1/2", "Won, two tied for one place"],
  ["1/3", "Won, three tied for one place"],
] as const;

export function results(event: Event): Deed {
  const isCorrection = event.status !== "new" || event.markets.some((market) => market.status === "settled");
  const asks = event.markets.flatMap((market) =>
    market.selections.map((selection, place): Asked & { market: string; selection: string } => ({
      name: JSON.stringify([market.key, selection.key]),
      label: selection.name,
      kind: "choice",
      options: RESULTS,
      optional: true,
      market: market.key,
      selection: selection.key,
      ...(place === 0
        ? { group: `${market.name}${market.status === "open" ? "" : ` (${market.status})`}` }
        : {}),
    })),
  );
  const chosen = (values: Values) =>
    asks
      .filter(({ name }) => values[name])
      .map(({ name, market, selection }) => {
        const result = values[name] ?? "";
        return result.includes("/")
          ? { market, selection, result: "won", dead_heat: result }
          : { market, selection, result };
      });
  return {
    what: "settle_event",
    id: event.id,
    title: isCorrection ? `Correct ${event.title}` : `Settle ${event.title}`,
    verb: isCorrection ? "Correct it" : "Settle it",
    note: `In a market of which one selection is named, the others have lost. ${
      isCorrection
        ? "Results before are taken back for these markets."
        : "Markets of which none is named stay open."
    }`,
    asks,
    isReady: (values) => chosen(values).length > 0,
    body: (values) => ({ results: chosen(values), correction: isCorrection }),
    done: isCorrection ? "Corrected" : "Settled",
    act: (key, body) =>
      call(
        http.POST("/v1/sportsbook/events/{id}/settle", {
          params: keyed(event.id, key),
          body: body as unknown as Schemas["SettleEventBody"],
        }),
      ),
  };
}

export function eventVoid(event: Event): Deed {
  return {
    what: "void_event",
    id: event.id,
    title: `Void ${event.title}`,
    verb: "Void it",
    note: "Nothing of it counts: singles are given back, accumulators go on with their other legs.",
    done: "Void",
    act: (key) => call(http.POST("/v1/sportsbook/events/{id}/void", { params: keyed(event.id, key) })),
  };
}

export function rollBack(event: Event): Deed {
  return {
    what: "roll_back_event",
    id: event.id,
    title: `Take the results of ${event.title} back`,
    verb: "Take them back",
    note: "Bets on all its decided markets are open again. What somebody has spent meanwhile is lent, and owed.",
    body: () => ({ markets: null }),
    done: "Taken back",
    act: (key) =>
      call(
        http.POST("/v1/sportsbook/events/{id}/rollback", {
          params: keyed(event.id, key),
          body: { markets: null },
        }),
      ),
  };
}

export function cancellation(event: Event): Deed {
  const asks: readonly Asked[] = [
    { name: "from", label: "Struck from (your time)", kind: "moment" },
    { name: "to", label: "Struck until", kind: "moment", optional: true, hint: "Left out: now." },
  ];
  return {
    what: "cancel_event_bets",
    id: event.id,
    title: `Cancel bets on ${event.title}`,
    verb: "Cancel them",
    note: "Bets that were struck in a window are void, such as while wrong odds stood.",
    asks,
    body: (values) => given(values, asks),
    done: "Cancelled",
    act: (key, body) =>
      call(
        http.POST("/v1/sportsbook/events/{id}/cancel", {
          params: keyed(event.id, key),
          body: body as unknown as Schemas["CancelBody"],
        }),
      ),
  };
}

export function selectionRemoval(event: Event): Deed {
  const options = event.markets.flatMap((market) =>
    market.selections.map(
      (selection) =>
        [JSON.stringify([market.key, selection.key]), `${market.name}: ${selection.name}`] as const,
    ),
  );
  const asks: readonly Asked[] = [
    { name: "selection", label: "Selection", kind: "choice", options, initial: options[0]?.[0] ?? "" },
    {
      name: "reduction_bps",
      label: "Reduction",
      kind: "percent",
      initial: "0",
      hint: "Of the others’ winnings.",
    },
  ];
  return {
    title: `Take a selection out of ${event.title}`,
    verb: "Take it out",
    note: "Bets on it are void; bets that were struck before on the others of its market win less.",
    asks,
    body: (values) => {
      const [market, selection] = JSON.parse(values["selection"] || '["",""]') as [string, string];
      return { market, selection, reduction_bps: bpsOf(values["reduction_bps"] ?? "") };
    },
    done: "Taken out",
    act: (key, body) =>
      call(
        http.POST("/v1/sportsbook/events/{id}/remove", {
          params: keyed(event.id, key),
          body: body as never,
        }),
      ),
  };
}

/** Keep what stands of a market, whatever its provider said later. */
export function keeping(conflict: Conflict): Deed {
  return {
    title: `Keep the result of ${conflict.title}`,
    verb: "Keep it",
    note: "What stands stays, whatever the provider said later; no money moves.",
    isHarmless: true,
    done: "Kept",
    act: (key) =>
      call(
        http.POST("/v1/sportsbook/conflicts/close", {
          params: { header: { "Idempotency-Key": key } },
          body: { event_id: conflict.event_id, market: conflict.market },
        }),
      ),
  };
}

/** Book what the provider said later in place of what stands. */
export function taking(conflict: Conflict): Deed {
  const body = {
    results: conflict.contradicts.map((each) => ({ market: conflict.market, ...each })),
    correction: true,
  };
  return {
    what: "settle_event",
    id: conflict.event_id,
    title: `Correct ${conflict.title}`,
    verb: "Correct it",
    note: "The result that stands is taken back, and what the provider said later is booked.",
    body: () => body,
    done: "Corrected",
    act: (key) =>
      call(http.POST("/v1/sportsbook/events/{id}/settle", { params: keyed(conflict.event_id, key), body })),
  };
}

export function betVoid(id: string): Deed {
  return {
    what: "void_bet",
    id,
    title: `Void ${id}`,
    verb: "Void it",
    note: "The stake is given back, whatever happens to its events.",
    done: "Void",
    act: (key) => call(http.POST("/v1/sportsbook/bets/{id}/void", { params: keyed(id, key) })),
  };
}
