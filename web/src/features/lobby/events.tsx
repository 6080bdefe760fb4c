/** Events of the sportsbook: the server finds them by words, the stream tells how their odds are now. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useMemo } from "react";
import { counted, oddsOf, serverNow } from "@/core";
import { call, http, isOpen, type ListedEvent, useEvents, useFavourite } from "@/data";
import { Badge, Changing, Countdown, Odds, StarButton } from "@/ui";
import { type Part, Section } from "./section";

const USUAL = 8;
const ALONE = 50;
const SHOWN = 3;

export function Events({ words, isAlone }: Part) {
  const limit = isAlone ? ALONE : USUAL;
  const live = useEvents();
  const search = useQuery({
    queryKey: ["events", "active", words],
    queryFn: ({ signal }) =>
      call(
        http.GET("/v1/sportsbook/events", {
          params: { query: { status: "active", limit: ALONE, q: words } },
          signal,
        }),
      ),
    enabled: words !== "",
    placeholderData: keepPreviousData,
  });
  const wanted = useMemo(() => new Set(search.data?.items.map((each) => each.id)), [search.data]);
  const isKnown = words === "" || search.data !== undefined;
  const items = live?.filter(
    (event) =>
      event.status === "new" &&
      Date.parse(event.deadline) > serverNow() &&
      (words === "" || wanted.has(event.id)),
  );
  return (
    <Section
      title="Sportsbook"
      found={{
        ...search,
        data: isKnown ? items?.slice(0, limit) : undefined,
        error: words === "" ? null : search.error,
      }}
      more={
        items &&
        items.length > limit && (
          <Link to="/sports" className="text-xs text-accent underline">
            All {items.length}
          </Link>
        )
      }
      none={{ title: words ? "No event has these words" : "No event takes bets now" }}
      row={(event) => <EventLine event={event} />}
      rowKey={(event) => event.id}
    />
  );
}

export function EventLine({ event }: { event: ListedEvent }) {
  const star = useFavourite("event", event.id, event.title);
  const market = event.market;
  const selections = market?.selections ?? [];
  const left = selections.length - SHOWN;
  return (
    <div className="flex flex-wrap items-center justify-between gap-x-3 gap-y-1.5 px-3 py-2">
      <Link
        to="/sports/$event"
        params={{ event: event.id }}
        className="min-w-32 flex-1 after:absolute after:inset-0"
      >
        <span className="block text-sm font-medium break-words">{event.title}</span>
        <span className="text-2xs text-ink-faint">
          {(event.competition ?? event.sport) && `${event.competition ?? event.sport} · `}
          <Countdown until={event.deadline} over="closed" />
          {left > 0 && ` · ${counted(left, "more selection")}`}
        </span>
      </Link>
      <span className="flex shrink-0 items-center gap-1">
        {event.suspended && <Badge tone="warn">Suspended</Badge>}
        {selections.slice(0, SHOWN).map((selection) => (
          <span
            key={selection.key}
            title={selection.name}
            className={`w-20 rounded-sm border border-line px-1.5 py-0.5 text-center ${isOpen(event, market) ? "" : "text-ink-faint"}`}
          >
            <span className="block truncate text-2xs text-ink-soft">{selection.name}</span>{" "}
            <Changing value={selection.odds} className="block text-xs font-semibold">
              <Odds odds={oddsOf(selection.odds)} />
            </Changing>
          </span>
        ))}
        {star && (
          <span className="relative z-10">
            <StarButton name={event.title} {...star} />
          </span>
        )}
      </span>
    </div>
  );
}
