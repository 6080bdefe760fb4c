/** A market of the exchange: prices, slip, orders, position, ladder, chart and tape. */
import { getRouteApi } from "@tanstack/react-router";
import { lazy, Suspense, useCallback, useMemo, useState } from "react";
import { bookKeys, type Currency, type Head, type MarketBook } from "@/core";
import { useCurrency, useMarketBook, useStored } from "@/data";
import { Badge, Countdown, Empty, Loading, Moment, PageHead, Panel, Select, SlipPlace, Tabs } from "@/ui";
import { GreenUp } from "./green-up";
import { Grid } from "./grid";
import { LadderView } from "./ladder";
import { OrdersPane } from "./orders-pane";
import { useStands } from "./positions";
import { SlipPanel } from "./slip-panel";
import { type Draft, type Slip, SlipContext } from "./slip-state";
import { Tape } from "./tape";
import { useTraded } from "./traded";

const PriceChart = lazy(() => import("./price-chart"));

const route = getRouteApi("/markets/$market");

export function MarketPage() {
  const { market } = route.useParams();
  const book = useMarketBook(market);
  useStored(book.store, bookKeys.refused);
  useStored(book.store, bookKeys.head);
  if (book.refusal) return <Empty title="There is no such market">Its address may be mistyped.</Empty>;
  return book.head ? (
    <Market book={book} head={book.head} />
  ) : (
    <Loading rows={8} label="The market is being loaded" />
  );
}

function Market({ book, head }: { book: MarketBook; head: Head }) {
  const currency = useCurrency(head.currency);
  const slip = useNewSlip();
  const stands = useStands(head.id, currency);
  const takesBets = (head.status === "open" || head.status === "in_play") && !head.isWorking;
  const nameOf = useCallback((id: string) => book.runner(id)?.name ?? id, [book]);
  const discountBps = 0;
  const shared = { book, head, currency, takesBets, discountBps };
  return (
    <SlipContext value={slip}>
      <PageHead
        title={head.name}
        note={<Note head={head} />}
        actions={<GreenUp {...shared} stands={stands} />}
      />
      <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,1fr)_340px]">
        <div className="flex min-w-0 flex-col gap-4">
          <Panel flush>
            <Grid {...shared} stands={stands} />
          </Panel>
          <OrdersPane head={head} nameOf={nameOf} />
          <More {...shared} nameOf={nameOf} />
        </div>
        <SlipPlace
          opensItself
          label="Bet slip"
          asked={slip.draft && `${slip.draft.runner} ${slip.draft.side}`}
        >
          <SlipPanel {...shared} />
        </SlipPlace>
      </div>
    </SlipContext>
  );
}

function Note({ head }: { head: Head }) {
  return (
    <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
      {head.event && <span>{head.event}</span>}
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
    <Panel title={nameOf(runner)} actions={choose}>
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
                <PriceChart market={head.id} runner={runner} />
              </Suspense>
            ),
          },
          { key: "trades", label: "Trades", content: <Tape book={book} market={head.id} nameOf={nameOf} /> },
        ]}
      />
    </Panel>
  );
}

function useNewSlip(): Slip {
  const [draft, setDraft] = useState<Draft>();
  const [hovered, hover] = useState<Slip["hovered"]>();
  return useMemo(
    () => ({
      draft,
      set: setDraft,
      change: (changes) => setDraft((before) => before && { ...before, ...changes }),
      hovered,
      hover,
    }),
    [draft, hovered],
  );
}
