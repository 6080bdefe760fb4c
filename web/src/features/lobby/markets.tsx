/** Open markets of the exchange, each with its best prices: the stream tells of them in brief. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type BriefRunner, counted } from "@/core";
import { call, http, type Schemas, useBriefMarket, useFavourite } from "@/data";
import { Badge, Changing, Countdown, Odds, StarButton } from "@/ui";
import { type Part, Section } from "./section";

type Market = Schemas["Market"];

const SHOWN = 3;
const USUAL = 12;
const ALONE = 50;

export function Markets({ words, isAlone }: Part) {
  const limit = isAlone ? ALONE : USUAL;
  const inPlay = useMarketsOf("in_play", words, limit);
  const open = useMarketsOf("open", words, limit);
  const all = inPlay.data && open.data && [...inPlay.data.items, ...[...open.data.items].sort(bySoonest)];
  return (
    <Section
      title="Exchange"
      found={{
        data: all?.slice(0, limit),
        error: inPlay.error ?? open.error,
        refetch: () => Promise.all([inPlay.refetch(), open.refetch()]),
      }}
      none={{ title: words ? "No market has these words" : "No market is open now" }}
      row={(market) => <MarketLine market={market} />}
      rowKey={(market) => market.id}
    />
  );
}

function useMarketsOf(status: "in_play" | "open", words: string, limit: number) {
  return useQuery({
    queryKey: ["markets", status, words, limit],
    queryFn: ({ signal }) =>
      call(
        http.GET("/v1/exchange/markets", {
          params: { query: { status, limit, ...(words ? { q: words } : {}) } },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
    refetchInterval: 15_000,
  });
}

function bySoonest(one: Market, other: Market): number {
  return one.starts_at < other.starts_at ? -1 : one.starts_at > other.starts_at ? 1 : 0;
}

export function MarketLine({ market }: { market: Market }) {
  const brief = useBriefMarket(market.id);
  const star = useFavourite("market", market.id, market.name);
  const status = brief?.status ?? market.status;
  const runners = market.runners.slice(0, SHOWN);
  const left = market.runners.length - runners.length;
  return (
    <div className="flex flex-col gap-2 px-3 py-2.5">
      <div className="flex items-start justify-between gap-3">
        <Link
          to="/markets/$market"
          params={{ market: market.id }}
          className="min-w-0 after:absolute after:inset-0"
        >
          <span className="block text-sm font-medium break-words">{market.name}</span>
          <span className="text-2xs text-ink-faint">
            {market.event ?? market.currency}
            {left > 0 && ` · ${counted(left, "more runner")}`}
          </span>
        </Link>
        <span className="flex shrink-0 items-center gap-1 text-2xs text-ink-soft">
          {status === "in_play" ? (
            <Badge tone="live">In-play</Badge>
          ) : status === "suspended" ? (
            <Badge tone="warn">Suspended</Badge>
          ) : status === "open" ? (
            <Countdown until={market.starts_at} over="about now" />
          ) : (
            <Badge>Over</Badge>
          )}
          {star && (
            <span className="relative z-10">
              <StarButton name={market.name} {...star} />
            </span>
          )}
        </span>
      </div>
      <div className="grid grid-cols-3 gap-1.5">
        {runners.map((runner) => (
          <Prices key={runner.id} name={runner.name} brief={brief?.runners.get(runner.id)} />
        ))}
      </div>
    </div>
  );
}

function Prices({ name, brief }: { name: string; brief: BriefRunner | undefined }) {
  return (
    <div className="grid min-w-0 grid-cols-2 gap-px text-center text-2xs">
      <span className="col-span-2 truncate pb-0.5 text-start text-ink-soft">{name}</span>
      <Price side="Back" odds={brief?.back} look="rounded-s-sm bg-back-strong text-back-ink" />
      <Price side="Lay" odds={brief?.lay} look="rounded-e-sm bg-lay-strong text-lay-ink" />
    </div>
  );
}

function Price({ side, odds, look }: { side: string; odds: number | undefined; look: string }) {
  return (
    <span className={`h-6 leading-6 font-semibold ${look}`}>
      <span className="sr-only">{side} </span>
      <Changing value={odds ?? 0} className="block">
        {odds === undefined ? "–" : <Odds odds={odds} />}
      </Changing>
    </span>
  );
}
