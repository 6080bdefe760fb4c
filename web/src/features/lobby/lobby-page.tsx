/** The lobby: what one can bet on now. What is searched for stands in the address. */
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { Search } from "lucide-react";
import { useDeferredValue } from "react";
import { bookKeys, oddsOf } from "@/core";
import { call, http, useMarketBook, useStored } from "@/data";
import { Badge, Countdown, Empty, Failed, Field, Loading, Money, Odds, PageHead, Panel } from "@/ui";

const route = getRouteApi("/");

export function LobbyPage() {
  const { q = "" } = route.useSearch();
  const navigate = route.useNavigate();
  const words = useDeferredValue(q);
  return (
    <>
      <PageHead title="Lobby" note="What one can bet on now" />
      <search className="relative mb-4 max-w-md">
        <Search
          size={16}
          aria-hidden="true"
          className="absolute start-3 top-1/2 z-10 -translate-y-1/2 text-ink-faint"
        />
        <Field
          label="Search"
          hideLabel
          placeholder="Search by any word"
          type="search"
          className="[&_input]:ps-9"
          value={q}
          onChange={(event) =>
            void navigate({ search: event.target.value ? { q: event.target.value } : {}, replace: true })
          }
        />
      </search>
      <div className="grid items-start gap-4 lg:grid-cols-2">
        <Markets words={words} />
        <div className="flex flex-col gap-4">
          <Events words={words} />
          <Rounds />
        </div>
      </div>
    </>
  );
}

function Markets({ words }: { words: string }) {
  const markets = useQuery({
    queryKey: ["markets", "open"],
    queryFn: ({ signal }) =>
      call(http.GET("/v1/exchange/markets", { params: { query: { status: "open", limit: 50 } }, signal })),
    refetchInterval: 15_000,
  });
  const found = markets.data?.items.filter((each) => matches(words, each.name, each.event)) ?? [];
  return (
    <Panel title="Exchange" flush>
      {markets.isPending ? (
        <Loading />
      ) : markets.error ? (
        <Failed error={markets.error} retry={() => void markets.refetch()} />
      ) : found.length === 0 ? (
        <Empty title={words ? "No market has these words" : "No market is open now"} />
      ) : (
        <ul>
          {found.map((market) => (
            <li key={market.id} className="border-b border-line/60 last:border-0">
              <MarketLine
                market={market.id}
                name={market.name}
                event={market.event}
                startsAt={market.starts_at}
              />
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

function MarketLine({
  market,
  name,
  event,
  startsAt,
}: {
  market: string;
  name: string;
  event: string | null;
  startsAt: string;
}) {
  const book = useMarketBook(market);
  useStored(book.store, bookKeys.turn);
  const runners = (book.head?.runnerIds ?? []).slice(0, 3).map((id) => book.runner(id));
  return (
    <Link
      to="/markets/$market"
      params={{ market }}
      className="flex flex-col gap-2 px-3 py-2.5 hover:bg-sunken/60"
    >
      <span className="flex items-baseline justify-between gap-3">
        <span className="min-w-0">
          <span className="block text-sm font-medium break-words">{name}</span>
          {event && <span className="text-2xs text-ink-faint">{event}</span>}
        </span>
        <span className="flex shrink-0 items-center gap-2 text-2xs text-ink-soft">
          {book.head?.status === "in_play" ? (
            <Badge tone="live">In-play</Badge>
          ) : (
            <Countdown until={startsAt} over="about now" />
          )}
        </span>
      </span>
      <span
        className="grid gap-1.5"
        style={{ gridTemplateColumns: `repeat(${Math.max(runners.length, 1)}, minmax(0, 1fr))` }}
      >
        {runners.map(
          (runner) =>
            runner && (
              <span key={runner.id} className="grid grid-cols-2 gap-px text-center text-2xs">
                <span className="col-span-2 truncate text-start text-ink-soft">{runner.name}</span>
                <span className="rounded-s-sm bg-back-strong py-1 font-semibold text-back-ink">
                  {runner.toBack[0] ? <Odds odds={runner.toBack[0].odds} /> : "–"}
                </span>
                <span className="rounded-e-sm bg-lay-strong py-1 font-semibold text-lay-ink">
                  {runner.toLay[0] ? <Odds odds={runner.toLay[0].odds} /> : "–"}
                </span>
              </span>
            ),
        )}
      </span>
    </Link>
  );
}

function Events({ words }: { words: string }) {
  const events = useQuery({
    queryKey: ["events", "active"],
    queryFn: ({ signal }) =>
      call(http.GET("/v1/sportsbook/events", { params: { query: { status: "active", limit: 20 } }, signal })),
    refetchInterval: 5_000,
  });
  const found =
    events.data?.items.filter((each) => matches(words, each.title, each.sport, each.competition)) ?? [];
  return (
    <Panel title="Sportsbook" flush>
      {events.isPending ? (
        <Loading />
      ) : events.error ? (
        <Failed error={events.error} retry={() => void events.refetch()} />
      ) : found.length === 0 ? (
        <Empty title={words ? "No event has these words" : "No event takes bets now"} />
      ) : (
        <ul>
          {found.map((event) => (
            <li
              key={event.id}
              className="flex items-center justify-between gap-3 border-b border-line/60 px-3 py-2 last:border-0"
            >
              <span className="min-w-0">
                <span className="block text-sm font-medium break-words">{event.title}</span>
                <span className="text-2xs text-ink-faint">
                  {event.competition ?? event.sport} <Countdown until={event.deadline} over="closed" />
                </span>
              </span>
              <span className="flex shrink-0 gap-1">
                {(event.markets[0]?.selections ?? []).slice(0, 3).map((selection) => (
                  <span
                    key={selection.key}
                    className="min-w-14 rounded-sm bg-accent-soft px-2 py-1 text-center text-xs font-semibold text-accent"
                  >
                    <Odds odds={oddsOf(selection.odds)} />
                  </span>
                ))}
              </span>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

function Rounds() {
  const pools = useQuery({
    queryKey: ["pools"],
    queryFn: ({ signal }) => call(http.GET("/v1/pools", { signal })),
    refetchInterval: 15_000,
  });
  return (
    <Panel title="Pools" flush>
      {pools.isPending ? (
        <Loading rows={2} />
      ) : pools.error ? (
        <Failed error={pools.error} retry={() => void pools.refetch()} />
      ) : pools.data.items.length === 0 ? (
        <Empty title="No pool is run here" />
      ) : (
        <ul>
          {pools.data.items.map((pool) => (
            <li key={pool.key} className="border-b border-line/60 px-3 py-2 last:border-0">
              <RoundLine pool={pool.key} name={pool.name} />
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

function RoundLine({ pool, name }: { pool: string; name: string }) {
  const round = useQuery({
    queryKey: ["rounds", pool, "current"],
    queryFn: ({ signal }) =>
      call(http.GET("/v1/pools/{pool}/rounds/current", { params: { path: { pool } }, signal })),
    refetchInterval: 2_000,
    retry: false,
  });
  return (
    <span className="flex items-center justify-between gap-3">
      <span className="text-sm font-medium">{name}</span>
      {round.data ? (
        <span className="flex gap-3 text-2xs text-ink-soft">
          <span>
            Up <Money amount={round.data.sides.up.staked} />
          </span>
          <span>
            Down <Money amount={round.data.sides.down.staked} code={round.data.currency} />
          </span>
          <Countdown until={round.data.locks_at} over="locked" />
        </span>
      ) : (
        <span className="text-2xs text-ink-faint">No round is open</span>
      )}
    </span>
  );
}

/** Whether every word stands in one of the texts, whatever its case and accents. */
function matches(words: string, ...within: (string | null | undefined)[]): boolean {
  const plain = (text: string) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const all = plain(within.filter(Boolean).join(" "));
  return plain(words)
    .split(/\s+/)
    .every((word) => all.includes(word));
}
