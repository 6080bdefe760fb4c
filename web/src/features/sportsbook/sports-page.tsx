/** The events of the sportsbook by sport, as they change. */

import { getRouteApi, Link } from "@tanstack/react-router";
import { useMemo } from "react";
import { type EventMarket, isOpen, type ListedEvent, useEvents } from "@/data";
import { Badge, Button, Countdown, Empty, Field, Loading, PageHead, Panel } from "@/ui";
import { OddsButton } from "./odds-button";
import { SportsSlip } from "./slip-panel";

const route = getRouteApi("/sports");
const OTHER = "other";

export function SportsPage() {
  const { sport, q = "" } = route.useSearch();
  const navigate = route.useNavigate();
  const events = useEvents();
  const sports = useMemo(() => countBySport(events ?? []), [events]);
  const shown = events?.filter((event) => (!sport || (event.sport ?? OTHER) === sport) && hasWords(event, q));
  const change = (changes: { sport?: string; q?: string }) => {
    const next = { ...(sport ? { sport } : {}), ...(q ? { q } : {}), ...changes };
    void navigate({
      search: Object.fromEntries(Object.entries(next).filter(([, value]) => value)),
      replace: true,
    });
  };
  return (
    <>
      <PageHead
        title="Sports"
        note="Odds of the house, as they are now"
        actions={
          <Link to="/bets" className="text-sm text-accent underline">
            My bets
          </Link>
        }
      />
      <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,1fr)_340px]">
        <div className="flex min-w-0 flex-col gap-3">
          <nav aria-label="Sports" className="flex flex-wrap gap-1.5">
            <Button
              size="small"
              tone={sport ? "plain" : "primary"}
              aria-pressed={!sport}
              onClick={() => change({ sport: "" })}
            >
              All ({events?.length ?? 0})
            </Button>
            {sports.map(([name, count]) => (
              <Button
                key={name}
                size="small"
                tone={sport === name ? "primary" : "plain"}
                aria-pressed={sport === name}
                onClick={() => change({ sport: name })}
              >
                {name} ({count})
              </Button>
            ))}
          </nav>
          <Field
            label="Search"
            hideLabel
            type="search"
            placeholder="Search by any word"
            className="max-w-md"
            value={q}
            onChange={(event) => change({ q: event.target.value })}
          />
          {!shown ? (
            <Panel>
              <Loading rows={8} />
            </Panel>
          ) : shown.length === 0 ? (
            <Panel>
              <Empty title={events?.length ? "No event fits" : "No event takes bets now"} />
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
  return (
    <article className="rounded-lg border border-line bg-raised p-3">
      <div className="mb-2 flex items-baseline justify-between gap-3">
        <div className="min-w-0">
          <Link
            to="/sports/$event"
            params={{ event: event.id }}
            className="text-sm font-medium break-words hover:underline"
          >
            {event.title}
          </Link>
          <p className="text-2xs text-ink-faint">
            {[event.sport, event.competition].filter(Boolean).join(" · ")}
          </p>
        </div>
        <span className="flex shrink-0 items-center gap-2 text-2xs text-ink-soft">
          {event.suspended && <Badge tone="warn">Suspended</Badge>}
          <Countdown until={event.deadline} over="closed" />
        </span>
      </div>
      {event.market && <Selections event={event} market={event.market} />}
      {more > 0 && (
        <Link
          to="/sports/$event"
          params={{ event: event.id }}
          className="mt-2 inline-block text-xs text-accent underline"
        >
          {more} more {more === 1 ? "market" : "markets"}
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

function hasWords(event: ListedEvent, words: string): boolean {
  const plain = (text: string) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const all = plain([event.title, event.sport, event.competition].filter(Boolean).join(" "));
  return plain(words)
    .split(/\s+/)
    .every((word) => all.includes(word));
}
