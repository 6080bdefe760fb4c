/** The events of the sportsbook by sport, as they change. */

import { getRouteApi, Link } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";
import { capital, counted, hasWords } from "@/core";
import { type EventMarket, isOpen, type ListedEvent, useEvents, useFavourite } from "@/data";
import {
  Badge,
  Button,
  Chips,
  Countdown,
  Empty,
  Loading,
  PageHead,
  Panel,
  SearchBox,
  StarButton,
} from "@/ui";
import { OddsButton } from "./odds-button";
import { SportsSlip } from "./slip-panel";

const route = getRouteApi("/sports");
const OTHER = "other";

export function SportsPage() {
  const { sport, q = "" } = route.useSearch();
  const navigate = route.useNavigate();
  const events = useEvents();
  const sports = useMemo(() => countBySport(events ?? []), [events]);
  const shown = events?.filter(
    (event) =>
      (!sport || (event.sport ?? OTHER) === sport) &&
      hasWords(q, event.title, event.sport, event.competition),
  );
  const change = useCallback(
    (changes: { sport?: string; q?: string }) =>
      void navigate({
        search: (before) => {
          const next = { ...before, ...changes };
          return { ...(next.sport ? { sport: next.sport } : {}), ...(next.q ? { q: next.q } : {}) };
        },
        replace: true,
        resetScroll: false,
      }),
    [navigate],
  );
  const search = useCallback((words: string) => change({ q: words }), [change]);
  const options = [
    ["", `All ${events?.length ?? ""}`] as const,
    ...sports.map(([name, count]) => [name, `${capital(name)} ${count}`] as const),
  ];
  return (
    <>
      <PageHead
        title="Sports"
        note="Odds of the house, as they are now"
        actions={
          <Link
            to="/bets"
            className="flex min-h-11 items-center rounded-md border border-line-strong bg-raised px-3 text-sm font-medium hover:bg-sunken md:min-h-9"
          >
            My bets
          </Link>
        }
      />
      <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,1fr)_340px]">
        <div className="flex min-w-0 flex-col gap-3">
          <div className="flex flex-wrap items-center gap-3">
            <SearchBox label="Search by any word" words={q} search={search} className="w-full max-w-md" />
            <Chips
              label="Sport"
              options={options}
              value={sport ?? ""}
              choose={(name) => change({ sport: name })}
            />
          </div>
          {!shown ? (
            <Panel>
              <Loading rows={8} />
            </Panel>
          ) : shown.length === 0 ? (
            <Panel>
              <Empty
                title={events?.length ? "No event fits" : "No event takes bets now"}
                action={
                  (sport || q) && <Button onClick={() => change({ sport: "", q: "" })}>Show all</Button>
                }
              />
            </Panel>
          ) : (
            shown.map((event) => <EventLine key={event.id} event={event} />)
          )}
        </div>
        <SportsSlip />
      </div>
    </>
  );
}

function EventLine({ event }: { event: ListedEvent }) {
  const more = event.markets - 1;
  const star = useFavourite("event", event.id, event.title);
  return (
    <article className="rounded-lg border border-line bg-raised p-3">
      <div className="mb-2 flex items-start justify-between gap-3">
        <div className="min-w-0">
          <Link
            to="/sports/$event"
            params={{ event: event.id }}
            className="text-sm font-medium break-words hover:underline"
          >
            {event.title}
          </Link>
          <p className="text-2xs text-ink-faint">
            {[capital(event.sport ?? ""), event.competition].filter(Boolean).join(" · ")}
          </p>
        </div>
        <span className="flex shrink-0 items-center gap-2 text-2xs text-ink-soft">
          {event.suspended && <Badge tone="warn">Suspended</Badge>}
          <Countdown until={event.deadline} over="closed" />
          {star && <StarButton name={event.title} {...star} />}
        </span>
      </div>
      {event.market && <Selections event={event} market={event.market} />}
      {more > 0 && (
        <Link
          to="/sports/$event"
          params={{ event: event.id }}
          className="mt-2 inline-block text-xs text-accent underline"
        >
          {counted(more, "more market")}
        </Link>
      )}
    </article>
  );
}

export function Selections({ event, market }: { event: Parameters<typeof isOpen>[0]; market: EventMarket }) {
  return (
    <div className="grid grid-cols-[repeat(auto-fit,minmax(8.5rem,1fr))] gap-1.5">
      {market.selections.map((selection) => (
        <OddsButton
          key={selection.key}
          event={event}
          market={market}
          selection={selection}
          enabled={isOpen(event, market)}
        />
      ))}
    </div>
  );
}

function countBySport(events: readonly ListedEvent[]): (readonly [string, number])[] {
  const counts = new Map<string, number>();
  for (const event of events) counts.set(event.sport ?? OTHER, (counts.get(event.sport ?? OTHER) ?? 0) + 1);
  return [...counts].sort(([one], [other]) => (one < other ? -1 : 1));
}
