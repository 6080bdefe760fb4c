/** One's bets with the house: what is open with a cash-out at its live price, and what is over. */
import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useState } from "react";
import { amountOf, capital, minorOf, moneyText, oddsOf } from "@/core";
import { call, http, type Schemas, useCommand, useCurrency, useEventRead, useMe } from "@/data";
import {
  Asked,
  Badge,
  Button,
  Dialog,
  Empty,
  Facts,
  Failed,
  Moment,
  Money,
  Odds,
  PageHead,
  Panel,
  Tabs,
  tell,
} from "@/ui";

type Bet = Schemas["Bet"];

const route = getRouteApi("/bets");
const VIEWS = [
  ["open", "Open"],
  ["", "All"],
  ["won", "Won"],
  ["lost", "Lost"],
  ["void", "Void"],
  ["cashed_out", "Cashed out"],
] as const;

export function BetsPage() {
  const me = useMe();
  const { status = "open", bet } = route.useSearch();
  const navigate = route.useNavigate();
  if (me === null)
    return (
      <Empty
        isPage
        title="Log in to see your bets"
        action={
          <Link to="/login" search={{ to: "/bets" }} className="text-accent underline">
            Log in
          </Link>
        }
      />
    );
  return (
    <>
      <PageHead title="My bets" note="With the house, at fixed odds" />
      {bet && <OneBet id={bet} />}
      <Tabs
        value={status}
        onChange={(next) => void navigate({ search: { status: next || "all" }, replace: true })}
        tabs={VIEWS.map(([key, label]) => ({
          key: key || "all",
          label,
          content: <Bets status={(key || undefined) as Bet["status"] | undefined} />,
        }))}
      />
    </>
  );
}

/** The bet that the address names: somebody was told of it, and came to see. */
function OneBet({ id }: { id: string }) {
  const bet = useQuery({
    queryKey: ["bets", "one", id],
    queryFn: ({ signal }) => call(http.GET("/v1/sportsbook/bets/{id}", { params: { path: { id } }, signal })),
  });
  return (
    <div className="mb-4 max-w-3xl rounded-lg ring-2 ring-accent">
      <Asked query={bet} rows={3}>
        {(found) => <BetCard bet={found} />}
      </Asked>
    </div>
  );
}

function Bets({ status }: { status: Bet["status"] | undefined }) {
  const bets = useInfiniteQuery({
    queryKey: ["bets", status ?? "all"],
    queryFn: ({ pageParam, signal }) =>
      call(
        http.GET("/v1/sportsbook/bets", {
          params: {
            query: { limit: 20, ...(status ? { status } : {}), ...(pageParam ? { after: pageParam } : {}) },
          },
          signal,
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (last) => last.next ?? undefined,
    refetchInterval: status === "open" ? 5_000 : false,
  });
  const all = bets.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Asked query={bets} rows={5}>
      {() =>
        all.length === 0 ? (
          <Empty
            title="No bets here"
            action={
              <Link to="/sports" className="text-accent underline">
                See what one can bet on
              </Link>
            }
          />
        ) : (
          <div className="flex max-w-3xl flex-col gap-3">
            {all.map((bet) => (
              <BetCard key={bet.id} bet={bet} />
            ))}
            {bets.hasNextPage && (
              <Button busy={bets.isFetchingNextPage} onClick={() => void bets.fetchNextPage()}>
                Show earlier ones
              </Button>
            )}
          </div>
        )
      }
    </Asked>
  );
}

const PAID: Readonly<Record<Bet["status"], string>> = {
  open: "Paid",
  won: "Paid",
  lost: "Paid",
  void: "Returned",
  cashed_out: "Cashed out for",
};

/** What the bet brought, its stake taken off. */
function Result({ bet }: { bet: Bet }) {
  const { scale } = useCurrency(bet.currency);
  const minor = minorOf(bet.payout ?? "0", scale) - minorOf(bet.amount, scale);
  return <Money amount={amountOf(minor, scale)} code={bet.currency} tone />;
}

const STATUSES = {
  open: ["Open", "neutral"],
  won: ["Won", "good"],
  lost: ["Lost", "bad"],
  void: ["Void", "warn"],
  cashed_out: ["Cashed out", "warn"],
} as const;

function BetCard({ bet }: { bet: Bet }) {
  const [label, tone] = STATUSES[bet.status];
  return (
    <Panel
      title={
        <span className="flex items-center gap-2">
          {bet.kind === "single" ? "Single" : `Accumulator of ${bet.legs.length}`}{" "}
          <Badge tone={tone}>{label}</Badge>
        </span>
      }
      actions={bet.status === "open" && <CashOut bet={bet} />}
    >
      <ul className="mb-3 flex flex-col gap-1.5">
        {bet.legs.map((leg) => (
          <LegLine key={`${leg.event_id} ${leg.market}`} leg={leg} />
        ))}
      </ul>
      <Facts
        items={[
          ["Stake", <Money key="s" amount={bet.amount} code={bet.currency} />],
          bet.payout === null || bet.payout === undefined
            ? ["Returns if it wins", <Money key="p" amount={bet.potential_payout} code={bet.currency} />]
            : [PAID[bet.status], <Money key="p" amount={bet.payout} code={bet.currency} />],
          ...(bet.payout === null || bet.payout === undefined
            ? []
            : ([["Result", <Result key="r" bet={bet} />]] as const)),
          ["Placed", <Moment key="t" at={bet.placed_at} />],
        ]}
      />
    </Panel>
  );
}

/** A leg with the names of its selection, market and event; while these are asked for it says neither them nor keys. */
function LegLine({ leg }: { leg: Bet["legs"][number] }) {
  const { data: event, isPending } = useEventRead(leg.event_id, true);
  const market = event?.markets.find((each) => each.key === leg.market);
  const selection = market?.selections.find((each) => each.key === leg.selection);
  return (
    <li className="flex items-baseline justify-between gap-3 text-sm">
      <Link
        to="/sports/$event"
        params={{ event: leg.event_id }}
        className="min-w-0 break-words hover:underline"
      >
        {isPending ? (
          "…"
        ) : (
          <>
            {selection?.name ?? leg.selection}{" "}
            <span className="text-2xs text-ink-faint">
              {market?.name ?? leg.market} · {event?.title ?? leg.event_id}
              {leg.reduction_bps > 0 && ` · winnings reduced by ${leg.reduction_bps / 100} %`}
            </span>
          </>
        )}
      </Link>
      <span className="flex shrink-0 items-center gap-2">
        {leg.status !== "open" && (
          <Badge tone={leg.status === "won" ? "good" : "neutral"}>
            {capital(leg.status.replace("_", " "))}
          </Badge>
        )}
        <Odds odds={oddsOf(leg.odds)} />
      </span>
    </li>
  );
}

/** A quote is asked for when one wants to see it, and asked anew while one looks at it. */
function CashOut({ bet }: { bet: Bet }) {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <>
      <Button size="small" tone="primary" onClick={() => setIsOpen(true)}>
        Cash out
      </Button>
      {isOpen && <CashOutDialog bet={bet} onClose={() => setIsOpen(false)} />}
    </>
  );
}

function CashOutDialog({ bet, onClose }: { bet: Bet; onClose: () => void }) {
  const queries = useQueryClient();
  const quote = useQuery({
    queryKey: ["cash-out", bet.id],
    queryFn: ({ signal }) =>
      call(http.GET("/v1/sportsbook/bets/{id}/cash-out", { params: { path: { id: bet.id } }, signal })),
    refetchInterval: 2_000,
    retry: false,
    gcTime: 0,
  });
  const take = useCommand({
    send: (quoteId: string, key) =>
      call(
        http.POST("/v1/sportsbook/bets/{id}/cash-out", {
          params: { path: { id: bet.id }, header: { "Idempotency-Key": key } },
          body: { quote_id: quoteId },
        }),
      ),
    done: (ended) => {
      tell(`Cashed out: ${moneyText(ended.payout ?? "0", { code: ended.currency })}`);
      void queries.invalidateQueries({ queryKey: ["bets"] });
      onClose();
    },
    failed: () => void quote.refetch(),
  });
  return (
    <Dialog open onClose={onClose} title="Cash out" note="The bet is over then, whatever happens.">
      {/* A quote is an offer: one that could not be made anew does not stand any more. */}
      <Asked query={quote.error ? { ...quote, data: undefined } : quote} rows={2}>
        {(found) => (
          <Facts
            items={[
              ["You staked", <Money key="s" amount={bet.amount} code={bet.currency} />],
              [
                "You get now",
                <Money key="n" amount={found.amount} code={found.currency} className="font-semibold" />,
              ],
              ["Instead of at most", <Money key="m" amount={bet.potential_payout} code={bet.currency} />],
            ]}
          />
        )}
      </Asked>
      {take.error && <Failed error={take.error} />}
      <div className="mt-4 flex justify-end gap-2">
        <Button onClick={onClose}>Keep the bet</Button>
        <Button
          tone="primary"
          busy={take.isPending}
          disabled={!quote.data || Boolean(quote.error)}
          onClick={() => quote.data && take.send(quote.data.quote_id)}
        >
          Cash out {quote.data?.amount}
        </Button>
      </div>
    </Dialog>
  );
}
