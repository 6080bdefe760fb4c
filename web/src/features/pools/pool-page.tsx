/** A pool: its current round live, one's bets, and the rounds before. */
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { cutTo } from "@/core";
import { call, http, type Pool, type Round, useCurrency, useCurrentRound, useMe, usePools } from "@/data";
import {
  Asked,
  Badge,
  Button,
  Countdown,
  Empty,
  Facts,
  Loading,
  Moment,
  Money,
  PageHead,
  Panel,
  Table,
} from "@/ui";
import { PoolBetForm } from "./bet-form";
import { Prices, RoundBadge } from "./result";
import { useRounds } from "./rounds";
import { SplitBar } from "./split-bar";
import { withLive } from "./with-live";

const route = getRouteApi("/pools/$pool");

export function PoolPage() {
  const { pool: key } = route.useParams();
  const pools = usePools();
  return (
    <Asked query={pools} rows={8}>
      {({ items }) => {
        const pool = items.find((each) => each.key === key);
        return pool ? (
          <OnePool pool={pool} />
        ) : (
          <Empty
            isPage
            title="There is no such pool"
            action={
              <Link to="/pools" className="text-accent underline">
                See the pools
              </Link>
            }
          >
            Its address may be mistyped.
          </Empty>
        );
      }}
    </Asked>
  );
}

function OnePool({ pool }: { pool: Pool }) {
  const now = useCurrentRound(pool.key);
  const round = now?.round;
  return (
    <>
      <PageHead
        title={pool.name}
        note={`${pool.symbol} · fee ${pool.fee_bps / 100} % of what the losing side staked`}
      />
      {/* On a phone one bets between the round and what was before it; on a desk, beside them. */}
      <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,1fr)_360px] lg:grid-rows-[auto_1fr]">
        <div className="min-w-0">
          <Panel
            title={round ? `Round ${round.code}` : "Current round"}
            actions={round && <RoundBadge round={round} />}
          >
            {!now ? (
              <Loading rows={3} />
            ) : !round ? (
              <Empty title="No round yet" />
            ) : (
              <Current round={round} currency={pool.currency} />
            )}
          </Panel>
        </div>
        <Panel title="Bet" className="lg:sticky lg:top-12 lg:col-start-2 lg:row-span-2 lg:row-start-1">
          {round?.status === "open" ? (
            <PoolBetForm pool={pool} round={round} />
          ) : (
            <Empty title="No round takes bets now">The next one opens by itself.</Empty>
          )}
        </Panel>
        <div className="flex min-w-0 flex-col gap-4">
          {now?.previous && <Latest round={now.previous} />}
          <OwnBets pool={pool} />
          <History pool={pool} />
        </div>
      </div>
    </>
  );
}

function Current({ round, currency: code }: { round: Round; currency: string }) {
  const currency = useCurrency(code);
  const pays = (side: "up" | "down") => {
    const found = round.sides[side].pays_per_unit;
    if (found === null) return "–";
    return (
      <span key={side}>
        <Money amount={cutTo(found, currency.scale)} /> for 1 {code}
      </span>
    );
  };
  return (
    <div className="flex flex-col gap-4">
      <p className="text-center">
        <span className="block text-xs text-ink-soft">
          {round.status === "open" ? "Bets are taken for" : round.status === "locked" ? "Result in" : "Over"}
        </span>
        <span className="text-xl font-semibold">
          {round.status === "open" ? (
            <Countdown until={round.locks_at} over="a moment" />
          ) : round.status === "locked" ? (
            <Countdown until={round.settles_at} over="a moment" />
          ) : (
            <Prices round={round} />
          )}
        </span>
      </p>
      <SplitBar round={round} />
      <Facts
        items={[
          ["Locks", <Moment key="l" at={round.locks_at} seconds />],
          ["Result from", <Moment key="s" at={round.settles_at} seconds />],
          ["Up pays", pays("up")],
          ["Down pays", pays("down")],
        ]}
      />
    </div>
  );
}

function Latest({ round }: { round: Round }) {
  return (
    <Panel title={`Before: round ${round.code}`} actions={<RoundBadge round={round} />}>
      <div className="flex flex-wrap items-center justify-between gap-2 text-sm">
        <Prices round={round} />
        <Link
          to="/pools/$pool/$code"
          params={{ pool: round.pool, code: round.code }}
          className="text-accent underline"
        >
          Evidence
        </Link>
      </div>
    </Panel>
  );
}

const STATUSES = {
  open: ["Open", "neutral"],
  won: ["Won", "good"],
  lost: ["Lost", "bad"],
  refunded: ["Refunded", "warn"],
} as const;

function OwnBets({ pool }: { pool: Pool }) {
  const me = useMe();
  const bets = useQuery({
    queryKey: ["pool-bets", pool.key],
    queryFn: ({ signal }) =>
      call(http.GET("/v1/pools/bets", { params: { query: { pool: pool.key, limit: 20 } }, signal })),
    enabled: Boolean(me?.id),
    refetchInterval: 5_000,
  });
  if (!me?.id) return null;
  return (
    <Panel title="My bets here" flush>
      <Asked query={bets} rows={2}>
        {(found) =>
          found.items.length === 0 ? (
            <Empty title="You have not bet here yet" />
          ) : (
            <Table
              label="My bets in this pool"
              rows={found.items}
              rowKey={(bet) => bet.id}
              columns={[
                { key: "round", head: "Round", cell: (bet) => bet.round },
                {
                  key: "side",
                  head: "Side",
                  cell: (bet) => (
                    <span className="whitespace-nowrap">{bet.side === "up" ? "↑ Up" : "↓ Down"}</span>
                  ),
                },
                {
                  key: "amount",
                  head: "Stake",
                  isNumber: true,
                  cell: (bet) => <Money amount={bet.amount} />,
                },
                {
                  key: "result",
                  head: "Result",
                  isNumber: true,
                  cell: (bet) => (
                    <span className="flex flex-wrap justify-end gap-x-2">
                      {bet.payout && <Money amount={bet.payout} />}
                      <Badge tone={STATUSES[bet.status][1]}>{STATUSES[bet.status][0]}</Badge>
                    </span>
                  ),
                },
              ]}
            />
          )
        }
      </Asked>
    </Panel>
  );
}

function History({ pool }: { pool: Pool }) {
  const rounds = useRounds(pool.key);
  const now = useCurrentRound(pool.key);
  const all = withLive(rounds.data?.pages.flatMap((page) => page.items) ?? [], now);
  return (
    <Panel title="Rounds" flush>
      <Asked query={rounds}>
        {() => (
          <Table
            label="Rounds"
            rows={all}
            rowKey={(round) => round.code}
            columns={[
              {
                key: "code",
                head: "Round",
                cell: (round) => (
                  <Link
                    to="/pools/$pool/$code"
                    params={{ pool: pool.key, code: round.code }}
                    className="text-accent underline"
                  >
                    {round.code}
                  </Link>
                ),
              },
              { key: "status", head: "Status", cell: (round) => <RoundBadge round={round} /> },
              { key: "prices", head: "Price", isExtra: true, cell: (round) => <Prices round={round} /> },
              {
                key: "up",
                head: "Up",
                isNumber: true,
                isExtra: true,
                cell: (round) => <Money amount={round.sides.up.staked} />,
              },
              {
                key: "down",
                head: "Down",
                isNumber: true,
                isExtra: true,
                cell: (round) => <Money amount={round.sides.down.staked} />,
              },
            ]}
            after={
              rounds.hasNextPage && (
                <div className="p-3">
                  <Button
                    size="small"
                    busy={rounds.isFetchingNextPage}
                    onClick={() => void rounds.fetchNextPage()}
                  >
                    Show earlier ones
                  </Button>
                </div>
              )
            }
          />
        )}
      </Asked>
    </Panel>
  );
}
