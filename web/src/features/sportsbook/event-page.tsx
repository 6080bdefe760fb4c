/** One event with all its markets. */

import { getRouteApi, Link } from "@tanstack/react-router";
import { capital } from "@/core";
import { type EventMarket, type LiveEvent, useEvent, useEventRead, useFavourite } from "@/data";
import { Asked, Badge, Countdown, Empty, Moment, PageHead, Panel, StarButton } from "@/ui";
import { SportsSlip } from "./slip-panel";
import { Selections } from "./sports-page";

const route = getRouteApi("/sports/$event");

export function EventPage() {
  const { event: id } = route.useParams();
  const { event: live, isUnknown } = useEvent(id);
  const read = useEventRead(id, isUnknown);
  const event: LiveEvent | undefined = live ?? read.data;
  return (
    <Asked
      query={{ ...read, data: event, error: live ? null : read.error }}
      rows={8}
      missing={
        <Empty
          isPage
          title="There is no such event"
          action={
            <Link to="/sports" className="text-accent underline">
              See all events
            </Link>
          }
        >
          Its address may be mistyped.
        </Empty>
      }
    >
      {(known) => <Shown event={known} />}
    </Asked>
  );
}

function Shown({ event }: { event: LiveEvent }) {
  const star = useFavourite("event", event.id, event.title);
  return (
    <>
      <PageHead
        title={event.title}
        note={<Note event={event} />}
        star={star && <StarButton name={event.title} {...star} />}
      />
      <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,1fr)_340px]">
        <div className="flex min-w-0 flex-col gap-4">
          {event.markets.map((market) => (
            <Panel key={market.key} title={market.name} actions={<MarketBadge market={market} />}>
              {market.status === "settled" || market.status === "void" ? (
                <Results market={market} />
              ) : (
                <Selections event={event} market={market} />
              )}
            </Panel>
          ))}
        </div>
        <SportsSlip />
      </div>
    </>
  );
}

function Note({ event }: { event: LiveEvent }) {
  return (
    <span className="flex flex-wrap items-center gap-x-3">
      <span>{[capital(event.sport ?? ""), event.competition].filter(Boolean).join(" · ")}</span>
      {event.starts_at && (
        <span>
          Starts <Moment at={event.starts_at} />
        </span>
      )}
      {event.status === "new" ? (
        <span>
          Bets until <Moment at={event.deadline} /> (<Countdown until={event.deadline} over="closed" />)
        </span>
      ) : (
        <Badge>{event.status === "void" ? "Void" : "Finished"}</Badge>
      )}
      {event.suspended && <Badge tone="warn">Suspended</Badge>}
    </span>
  );
}

function MarketBadge({ market }: { market: EventMarket }) {
  if (market.status === "open") return null;
  return (
    <Badge tone={market.status === "suspended" ? "warn" : "neutral"}>
      {{ suspended: "Suspended", settled: "Settled", void: "Void" }[market.status]}
    </Badge>
  );
}

const RESULTS: Readonly<Record<string, string>> = {
  won: "Won",
  lost: "Lost",
  void: "Void",
  half_won: "Half won",
  half_lost: "Half lost",
};

function Results({ market }: { market: EventMarket }) {
  return (
    <ul className="grid grid-cols-[repeat(auto-fit,minmax(8.5rem,1fr))] gap-1.5">
      {market.selections.map((selection) => (
        <li
          key={selection.key}
          className="flex justify-between gap-2 rounded-md bg-sunken px-2.5 py-2 text-sm"
        >
          <span className="min-w-0 truncate">{selection.name}</span>
          <Badge tone={selection.result === "won" ? "good" : "neutral"}>
            {RESULTS[selection.result ?? ""] ?? "–"}
            {selection.dead_heat && ` (${selection.dead_heat})`}
          </Badge>
        </li>
      ))}
    </ul>
  );
}
