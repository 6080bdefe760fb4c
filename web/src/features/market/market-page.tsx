/** A market of the exchange: prices, slip, orders, position, ladder, chart and tape. */
import { getRouteApi, Link } from "@tanstack/react-router";
import { lazy, Suspense, useCallback } from "react";
import { bookKeys, type Currency, type Head, type MarketBook } from "@/core";
import { part, useCurrency, useFavourite, useMarketBook, useStored } from "@/data";
import {
  Badge,
  Countdown,
  Empty,
  Loading,
  MayBeOld,
  Moment,
  PageHead,
  Panel,
  Select,
  SlipPlace,
  StarButton,
  Tabs,
} from "@/ui";
import { GreenUp } from "./green-up";
import { Grid } from "./grid";
import { LadderView } from "./ladder";
import { OneClickBar } from "./one-click";
import { OrdersPane } from "./orders-pane";
import { useStands } from "./positions";
import { SlipPanel } from "./slip-panel";
import { SlipActionsContext, SlipStateContext, useNewSlip } from "./slip-state";
import { Tape } from "./tape";
import { useTraded } from "./traded";

const PriceChart = lazy(() => part(() => import("./price-chart")));

const route = getRouteApi("/markets/$market");

export function MarketPage() {
  const { market } = route.useParams();
  const book = useMarketBook(market);
  useStored(book.store, bookKeys.refused);
  useStored(book.store, bookKeys.head);
  if (book.refusal)
    return (
      <Empty
        isPage
        title="There is no such market"
        action={
          <Link to="/" className="text-accent underline">
            Go to the lobby
          </Link>
        }
      >
        Its address may be mistyped.
      </Empty>
    );
  return book.head ? (
    <Market book={book} head={book.head} />
  ) : (
    <Loading rows={8} label="The market is being loaded" />
  );
}

function Market({ book, head }: { book: MarketBook; head: Head }) {
  const currency = useCurrency(head.currency);
  const nameOf = useCallback((id: string) => book.runner(id)?.name ?? id, [book]);
  const [slip, actions] = useNewSlip(head, currency, nameOf);
  const { stands, discountBps, error, refetch } = useStands(head, currency);
  const star = useFavourite("market", head.id, head.name);
  const takesBets = (head.status === "open" || head.status === "in_play") && !head.isWorking;
  const shared = { book, head, currency, takesBets, discountBps, nameOf };
  return (
    <SlipActionsContext value={actions}>
      <SlipStateContext value={slip}>
        <PageHead
          title={head.name}
          note={<Note head={head} />}
          star={star && <StarButton name={head.name} {...star} />}
          actions={<GreenUp {...shared} stands={stands} />}
        />
        <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,1fr)_340px]">
          <div className="flex min-w-0 flex-col gap-4">
            <OneClickBar currency={currency} />
            {error && <MayBeOld what="Your position" error={error} retry={refetch} />}
            <Panel flush className={slip.oneClickStake === undefined ? "" : "ring-2 ring-warn"}>
              <Grid {...shared} stands={stands} />
            </Panel>
            <OrdersPane head={head} nameOf={nameOf} />
            <More {...shared} />
          </div>
          <SlipPlace
            opensItself
            label="Bet slip"
            asked={slip.draft && `${slip.draft.runner} ${slip.draft.side}`}
          >
            <SlipPanel {...shared} />
          </SlipPlace>
        </div>
      </SlipStateContext>
    </SlipActionsContext>
  );
}

function Note({ head }: { head: Head }) {
  return (
    <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
      {head.event && <span>{head.event}</span>}
      {head.winners > 1 && <span>{head.winners} of them win</span>}
      {head.status === "in_play" && <Badge tone="live">In-play</Badge>}
      {head.status === "suspended" && <Badge tone="warn">Suspended</Badge>}
      {head.status === "settled" && <Badge>Settled</Badge>}
      {head.status === "open" && (
        <span>
          Starts <Moment at={head.startsAt} /> (<Countdown until={head.startsAt} over="about now" />)
        </span>
      )}
      <span>Commission {head.commissionBps / 100} % of net winnings</span>
      {head.betDelayMs > 0 && <span>Bets in-play wait {head.betDelayMs / 1000} s</span>}
    </span>
  );
}

interface MoreProps {
  readonly book: MarketBook;
  readonly head: Head;
  readonly currency: Currency;
  readonly takesBets: boolean;
  readonly nameOf: (runner: string) => string;
}

/** What is shown on demand: the ladder, the chart and the tape of one runner. What is chosen stands in the address. */
function More({ book, head, currency, takesBets, nameOf }: MoreProps) {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const runner = head.runnerIds.find((id) => id === search.runner) ?? head.runnerIds[0] ?? "";
  const view = search.view ?? "ladder";
  const traded = useTraded(head.id, runner);
  const change = (changes: { runner?: string; view?: string }) =>
    void navigate({ search: { ...search, ...changes }, replace: true, resetScroll: false });
  const choose = (
    <Select
      label="Runner"
      hideLabel
      value={runner}
      onChange={(event) => change({ runner: event.target.value })}
      options={head.runnerIds.map((id) => [id, nameOf(id)] as const)}
    />
  );
  return (
    <Panel
      title={nameOf(runner)}
      actions={
        <>
          {head.status === "open" && (
            <Link
              to="/challenges"
              search={{ status: "new", market: head.id, runner }}
              className="text-xs text-accent underline"
            >
              Challenge somebody on it
            </Link>
          )}
          {choose}
        </>
      }
    >
      <Tabs
        value={view}
        onChange={(next) => change({ view: next })}
        tabs={[
          {
            key: "ladder",
            label: "Ladder",
            content: (
              <LadderView
                book={book}
                head={head}
                runner={runner}
                currency={currency}
                takesBets={takesBets}
                traded={traded}
              />
            ),
          },
          {
            key: "chart",
            label: "Chart",
            content: (
              <Suspense fallback={<Loading rows={6} label="The chart is being loaded" />}>
                <PriceChart market={head.id} runner={runner} currency={currency} />
              </Suspense>
            ),
          },
          { key: "trades", label: "Trades", content: <Tape book={book} market={head.id} nameOf={nameOf} /> },
        ]}
      />
    </Panel>
  );
}
