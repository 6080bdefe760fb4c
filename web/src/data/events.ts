/** Events of the sportsbook as they are now: the stream's `events` channel for lists, `event` for one with all its markets. */
import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { call, http, type Schemas } from "@/api/client";
import { type ErrorMessage, KeyedStore, type StateMessage, serverNow } from "@/core";
import { Shared, useShared, useStored } from "./live";

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

class EventsList {
  readonly store = new KeyedStore<ReadonlyMap<string, ListedEvent>>();

  take(message: StateMessage): void {
    const { type, events, ended } = message as EventsMessage;
    const known = new Map(type === "snapshot" ? [] : this.store.get(ALL));
    for (const event of events) known.set(event.id, event);
    for (const id of ended ?? []) known.delete(id);
    this.store.set(ALL, known);
  }

  refused(_error: ErrorMessage): void {
    this.store.set(ALL, new Map());
  }
}

const lists = new Shared("events", () => new EventsList());

/** Return all events that have not ended, those that close first at the front; `undefined` until they are known. */
export function useEvents(): readonly ListedEvent[] | undefined {
  const known = useStored(useShared(lists).store, ALL);
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

const EVENT = "event";
const REFUSED = "refused";

class OneEvent {
  readonly store = new KeyedStore<LiveEvent | ErrorMessage>();

  get event(): LiveEvent | undefined {
    return this.store.get(EVENT) as LiveEvent | undefined;
  }

  take(message: StateMessage): void {
    const { type, channel: _channel, seq: _seq, prev_seq: _prev, ...fields } = message as EventMessage;
    const before = this.event;
    if (type === "snapshot") this.store.set(EVENT, fields as LiveEvent);
    else if (before) {
      const changed = new Map(fields.markets.map((each) => [each.key, each]));
      const kept = before.markets.map((each) => changed.get(each.key) ?? each);
      const fresh = fields.markets.filter((each) => !before.markets.some((known) => known.key === each.key));
      this.store.set(EVENT, { ...before, ...fields, markets: [...kept, ...fresh] });
    }
  }

  refused(error: ErrorMessage): void {
    this.store.set(REFUSED, error);
  }
}

const events = new Shared("event", () => new OneEvent());

/** Return one event with all its markets, as it changes. */
export function useEvent(id: string): { event: LiveEvent | undefined; isUnknown: boolean } {
  const { store } = useShared(events, id);
  const event = useStored(store, EVENT) as LiveEvent | undefined;
  return { event, isUnknown: useStored(store, REFUSED) !== undefined && !event };
}

/** Return several events with all their markets, as they change; those that are not known yet are missing. */
export function useSeveralEvents(ids: readonly string[]): ReadonlyMap<string, LiveEvent> {
  const all = JSON.stringify([...new Set(ids)].sort());
  const [known, setKnown] = useState<ReadonlyMap<string, LiveEvent>>(new Map());
  useEffect(() => {
    const wanted = JSON.parse(all) as string[];
    const look = () =>
      setKnown(
        new Map(
          wanted.flatMap((id) => {
            const { event } = events.get(id);
            return event ? [[id, event] as const] : [];
          }),
        ),
      );
    const ends = wanted.flatMap((id) => [events.hold(id), events.get(id).store.subscribe(EVENT, look)]);
    look();
    return () => {
      for (const end of ends) end();
    };
  }, [all]);
  return known;
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
    Date.parse(event.deadline) > serverNow()
  );
}
