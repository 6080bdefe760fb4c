/** Events of the sportsbook as they are now: the stream's `events` channel for lists, `event` for one with all its markets. */
import { useQuery } from "@tanstack/react-query";
import { useCallback, useMemo, useState } from "react";
import { type ErrorMessage, KeyedStore, type StateMessage } from "@/core";
import { call, http, type Schemas, useChannel, useStored } from "@/data";

export type EventMarket = Schemas["EventMarket"];
export type Selection = Schemas["EventSelection"];

export interface EventHead {
  readonly id: string;
  readonly title: string;
  readonly sport: string | null;
  readonly competition: string | null;
  readonly starts_at: string | null;
  readonly deadline: string;
  readonly status: "new" | "finished" | "void";
  readonly suspended: boolean;
}

/** An event in a list: its first market, and how many it has. */
export interface ListedEvent extends EventHead {
  readonly market: EventMarket | null;
  readonly markets: number;
}

interface EventsMessage extends StateMessage {
  readonly events: readonly ListedEvent[];
  readonly ended?: readonly string[];
}

const ALL = "all";

/** Return all events that have not ended; `undefined` until they are known. */
export function useEvents(): readonly ListedEvent[] | undefined {
  const [store] = useState(() => new KeyedStore<ReadonlyMap<string, ListedEvent>>());
  const take = useCallback(
    (message: StateMessage) => {
      const { type, events, ended } = message as EventsMessage;
      const known = new Map(type === "snapshot" ? [] : store.get(ALL));
      for (const event of events) known.set(event.id, event);
      for (const id of ended ?? []) known.delete(id);
      store.set(ALL, known);
    },
    [store],
  );
  useChannel("events", undefined, take);
  const known = useStored(store, ALL);
  return useMemo(() => known && [...known.values()].sort(bySoonest), [known]);
}

function bySoonest(one: ListedEvent, other: ListedEvent): number {
  return one.deadline < other.deadline ? -1 : one.deadline > other.deadline ? 1 : one.id < other.id ? -1 : 1;
}

export interface LiveEvent extends EventHead {
  readonly markets: readonly EventMarket[];
}

interface EventMessage extends StateMessage, Partial<EventHead> {
  readonly id: string;
  readonly markets: readonly EventMarket[];
}

/** Return one event with all its markets, as it changes. */
export function useEvent(id: string): { event: LiveEvent | undefined; isUnknown: boolean } {
  const [store] = useState(() => new KeyedStore<LiveEvent | ErrorMessage>());
  const take = useCallback(
    (message: StateMessage) => {
      const { type, channel: _channel, seq: _seq, prev_seq: _prev, ...fields } = message as EventMessage;
      const before = store.get("event") as LiveEvent | undefined;
      if (type === "snapshot") store.set("event", fields as LiveEvent);
      else if (before) {
        const changed = new Map(fields.markets.map((each) => [each.key, each]));
        const kept = before.markets.map((each) => changed.get(each.key) ?? each);
        const fresh = fields.markets.filter(
          (each) => !before.markets.some((known) => known.key === each.key),
        );
        store.set("event", { ...before, ...fields, markets: [...kept, ...fresh] });
      }
    },
    [store],
  );
  const refused = useCallback((error: ErrorMessage) => store.set("refused", error), [store]);
  useChannel("event", id, take, refused);
  const event = useStored(store, "event") as LiveEvent | undefined;
  return { event, isUnknown: useStored(store, "refused") !== undefined && !event };
}

/** Return an event read once, for events that have ended and are in no stream. */
export function useEventRead(id: string, enabled: boolean) {
  return useQuery({
    queryKey: ["event", id],
    queryFn: ({ signal }) =>
      call(http.GET("/v1/sportsbook/events/{id}", { params: { path: { id } }, signal })),
    enabled,
    staleTime: 60_000,
  });
}

/** Whether bets are taken on a market of an event now, as far as one can see. */
export function isOpen(event: EventHead, market: EventMarket | null): boolean {
  return (
    event.status === "new" &&
    !event.suspended &&
    market?.status === "open" &&
    Date.parse(event.deadline) > Date.now()
  );
}
