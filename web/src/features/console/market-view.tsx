/** The exchange's markets, and one of them with all that an operator sees and does. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { call, http, type Schemas, useConfig } from "@/data";
import { Asked, Badge, Button, Facts, Moment, Money, Panel, Select, Table } from "@/ui";
import { useDeeds } from "./deed-dialog";
import { Actions, Listed, SearchField } from "./listed";
import { List, useList } from "./lists";
import {
  marketVoid,
  newMarket,
  phase,
  reinstatement,
  removal,
  settlement,
  stepsOf,
  stepVerb,
} from "./market-deeds";
import { OrderList } from "./order-list";
import { type Go, Id, type Place } from "./places";
import { Timeline } from "./records";

type Market = Schemas["Market"];
type Status = Market["status"];

const STATES: readonly Status[] = ["open", "suspended", "in_play", "closed", "settled", "void"];

function StatusBadge({ market }: { market: Market }) {
  const tone = { open: "good", in_play: "live", suspended: "warn" }[market.status as string] as
    | "good"
    | "live"
    | "warn"
    | undefined;
  return (
    <span className="inline-flex gap-1">
      <Badge tone={tone ?? "neutral"}>{market.status.replace("_", "-")}</Badge>
      {market.working && <Badge tone="warn">being booked</Badge>}
    </span>
  );
}

export function MarketsView({ place, go }: { place: Place; go: Go }) {
  const [open, dialog] = useDeeds();
  const { currencies } = useConfig();
  const status = STATES.find((each) => each === place.status);
  const list = useList<Market>(
    ["markets", status, place.q],
    (after, signal) =>
      call(
        http.GET("/v1/exchange/markets", {
          params: {
            query: {
              limit: 50,
              ...(status ? { status } : {}),
              ...(place.q ? { q: place.q } : {}),
              ...after,
            },
          },
          signal,
        }),
      ),
    { every: 5_000 },
  );
  return (
    <Listed
      title="Markets"
      filters={
        <>
          <SearchField place={place} go={go} placeholder="Name, contest or runner" />
          <Select
            label="Status"
            hideLabel
            value={status ?? ""}
            onChange={(event) => go({ ...place, status: event.target.value })}
            options={[["", "Any status"], ...STATES.map((each) => [each, each.replace("_", "-")] as const)]}
          />
          <Button
            tone="primary"
            onClick={() => open(newMarket(currencies.map(({ code }) => [code, code] as const)))}
          >
            New market…
          </Button>
        </>
      }
    >
      <List
        list={list}
        label="Markets"
        rowKey={(market) => market.id}
        empty="No market fits"
        columns={[
          {
            key: "name",
            head: "Market",
            cell: (market) => <Id id={market.id}>{market.name}</Id>,
          },
          { key: "id", head: "Id", isExtra: true, cell: (market) => <Id id={market.id} /> },
          { key: "event", head: "Contest", isExtra: true, cell: (market) => market.event ?? "–" },
          { key: "status", head: "Status", cell: (market) => <StatusBadge market={market} /> },
          { key: "currency", head: "Currency", isExtra: true, cell: (market) => market.currency },
          {
            key: "starts",
            head: "Starts",
            isExtra: true,
            cell: (market) => <Moment at={market.starts_at} />,
          },
        ]}
      />
      {dialog}
    </Listed>
  );
}

export function MarketView({ id }: { id: string }) {
  const market = useQuery({
    queryKey: ["console", "market", id],
    queryFn: ({ signal }) =>
      call(http.GET("/v1/exchange/markets/{id}", { params: { path: { id } }, signal })),
    refetchInterval: 3_000,
  });
  return (
    <Asked query={market} rows={10}>
      {(found) => (
        <div className="grid grid-cols-1 items-start gap-4 lg:grid-cols-2">
          <div className="flex min-w-0 flex-col gap-4">
            <Head market={found} />
            <Runners market={found} />
            <Payouts market={found} />
          </div>
          <div className="flex min-w-0 flex-col gap-4">
            <Positions market={found} />
            <Orders market={found} />
            <Timeline kind="market" id={id} />
          </div>
        </div>
      )}
    </Asked>
  );
}

function Head({ market }: { market: Market }) {
  const [open, dialog] = useDeeds();
  const isOver = market.status === "settled" || market.status === "void";
  return (
    <Panel title={market.name} actions={<StatusBadge market={market} />}>
      <Actions>
        {stepsOf(market).map((step) => (
          <Button key={step} size="small" onClick={() => open(phase(market, step))}>
            {stepVerb(step)}…
          </Button>
        ))}
        <Button size="small" onClick={() => open(settlement(market))}>
          {isOver ? "Correct…" : "Settle…"}
        </Button>
        {market.status !== "void" && (
          <Button size="small" tone="danger" onClick={() => open(marketVoid(market))}>
            Void…
          </Button>
        )}
      </Actions>
      <Facts
        items={[
          ["Id", market.id],
          ["Contest", market.event ?? "–"],
          ["Starts", <Moment key="s" at={market.starts_at} />],
          ["In-play since", market.in_play_since ? <Moment key="value" at={market.in_play_since} /> : "–"],
          ["Settled", market.settled_at ? <Moment key="value" at={market.settled_at} /> : "–"],
          ["Places", String(market.winners)],
          ["Commission", `${market.commission_bps / 100} %`],
          ["Bet delay", `${market.bet_delay_seconds} s`],
          ["Smallest stake", <Money key="m" amount={market.min_stake} code={market.currency} />],
          ["Ladder", market.ladder],
          ["Cross-matching", market.cross_matching ? "Yes" : "No"],
          [
            "As customers see it",
            <Link
              key="c"
              to="/markets/$market"
              params={{ market: market.id }}
              className="text-accent underline underline-offset-2"
            >
              Market page
            </Link>,
          ],
        ]}
      />
      {dialog}
    </Panel>
  );
}

function Runners({ market }: { market: Market }) {
  const [open, dialog] = useDeeds();
  const isOver = market.status === "settled" || market.status === "void";
  return (
    <Panel title="Runners" flush>
      <Table
        label="Runners"
        rows={market.runners}
        rowKey={(runner) => runner.id}
        columns={[
          { key: "name", head: "Runner", cell: (runner) => runner.name },
          { key: "status", head: "Status", cell: (runner) => <Badge>{runner.status}</Badge> },
          {
            key: "last",
            head: "Last",
            isNumber: true,
            isExtra: true,
            cell: (runner) => runner.last_odds ?? "–",
          },
          {
            key: "matched",
            head: "Matched",
            isNumber: true,
            cell: (runner) => <Money amount={runner.matched} />,
          },
          {
            key: "do",
            head: <span className="sr-only">What to do</span>,
            isNumber: true,
            cell: (runner) =>
              isOver ? null : runner.status === "removed" ? (
                <Button
                  size="small"
                  aria-label={`Reinstate ${runner.name}`}
                  onClick={() => open(reinstatement(market, runner))}
                >
                  Reinstate…
                </Button>
              ) : (
                <Button
                  size="small"
                  tone="quiet"
                  aria-label={`Remove ${runner.name}`}
                  onClick={() => open(removal(market, runner))}
                >
                  Remove…
                </Button>
              ),
          },
        ]}
      />
      {dialog}
    </Panel>
  );
}

function Payouts({ market }: { market: Market }) {
  const isOver = market.status === "settled" || market.status === "void";
  const payouts = useQuery({
    queryKey: ["console", "payouts", market.id],
    queryFn: ({ signal }) =>
      call(http.GET("/v1/exchange/markets/{id}/payouts", { params: { path: { id: market.id } }, signal })),
    enabled: !isOver,
    refetchInterval: 5_000,
  });
  if (isOver) return null;
  const name = (id: string) => market.runners.find((runner) => runner.id === id)?.name ?? id;
  return (
    <Panel title="What each result would pay" flush>
      <Asked query={payouts}>
        {({ items }) => (
          <Table
            label="What each result would pay"
            rows={items}
            rowKey={(row) => row.winners.join(" ")}
            columns={[
              { key: "who", head: "If it wins", cell: (row) => row.winners.map(name).join(", ") || "Nobody" },
              { key: "gain", head: "Gain", isNumber: true, cell: (row) => row.winning_users },
              { key: "lose", head: "Lose", isNumber: true, cell: (row) => row.losing_users },
              {
                key: "won",
                head: "Won",
                isNumber: true,
                isExtra: true,
                cell: (row) => <Money amount={row.won} />,
              },
              { key: "paid", head: "Paid", isNumber: true, cell: (row) => <Money amount={row.paid} /> },
              {
                key: "fee",
                head: "Commission",
                isNumber: true,
                cell: (row) => <Money amount={row.commission} />,
              },
            ]}
          />
        )}
      </Asked>
    </Panel>
  );
}

function Positions({ market }: { market: Market }) {
  const list = useList<Schemas["UserPosition"]>(
    ["positions", market.id],
    (after, signal) =>
      call(
        http.GET("/v1/exchange/markets/{id}/positions", {
          params: { path: { id: market.id }, query: { limit: 20, ...after } },
          signal,
        }),
      ),
    { every: 5_000 },
  );
  return (
    <Panel title="Customers in it" flush>
      <List
        list={list}
        label="Customers in it"
        rowKey={(row) => row.user_id}
        empty="Nobody has a position"
        columns={[
          { key: "who", head: "Customer", cell: (row) => <Id id={row.user_id} /> },
          {
            key: "exposure",
            head: "Held for it",
            isNumber: true,
            cell: (row) => <Money amount={row.exposure} />,
          },
          {
            key: "profit",
            head: "Result",
            isNumber: true,
            cell: (row) => (row.profit === null ? "–" : <Money amount={row.profit} tone />),
          },
          {
            key: "fee",
            head: "Commission",
            isNumber: true,
            isExtra: true,
            cell: (row) => (row.commission === null ? "–" : <Money amount={row.commission} />),
          },
        ]}
      />
    </Panel>
  );
}

function Orders({ market }: { market: Market }) {
  const list = useList<Schemas["Order"]>(
    ["market-orders", market.id],
    (after, signal) =>
      call(
        http.GET("/v1/exchange/markets/{id}/orders", {
          params: { path: { id: market.id }, query: { limit: 10, ...after } },
          signal,
        }),
      ),
    { every: 5_000 },
  );
  return (
    <Panel title="Orders, newest first" flush>
      <OrderList list={list} label="Orders of the market" />
    </Panel>
  );
}
