/** Single orders, bets and challenges: what they are and what happened to them. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { call, http, type Schemas } from "@/data";
import { Asked, Badge, Button, Facts, Moment, Money, Panel, Table } from "@/ui";
import { ruling } from "./customer-deeds";
import { useDeeds } from "./deed-dialog";
import { betVoid } from "./event-deeds";
import { List, type useList } from "./lists";
import { Id } from "./places";
import { Timeline } from "./records";

type Bet = Schemas["Bet"];

export function BetList({ list }: { list: ReturnType<typeof useList<Bet>> }) {
  return (
    <List
      list={list}
      label="Bets on the sportsbook"
      rowKey={(row) => row.id}
      empty="No bets yet"
      columns={[
        { key: "id", head: "Bet", cell: (row) => <Id id={row.id} /> },
        { key: "kind", head: "Kind", isExtra: true, cell: (row) => row.kind },
        {
          key: "stake",
          head: "Stake",
          isNumber: true,
          cell: (row) => <Money amount={row.amount} code={row.currency} />,
        },
        { key: "odds", head: "Odds", isNumber: true, cell: (row) => row.odds },
        { key: "status", head: "Status", cell: (row) => <Badge>{row.status.replace("_", " ")}</Badge> },
      ]}
    />
  );
}

export function PoolBetList({ list }: { list: ReturnType<typeof useList<Schemas["PoolBet"]>> }) {
  return (
    <List
      list={list}
      label="Bets on rounds"
      rowKey={(row) => row.id}
      empty="No bets yet"
      columns={[
        { key: "id", head: "Bet", cell: (row) => <Id id={row.id} /> },
        { key: "round", head: "Round", cell: (row) => <Id kind="round" id={`${row.pool}/${row.round}`} /> },
        { key: "side", head: "Side", isExtra: true, cell: (row) => row.side },
        {
          key: "stake",
          head: "Stake",
          isNumber: true,
          cell: (row) => <Money amount={row.amount} code={row.currency} />,
        },
        { key: "status", head: "Status", cell: (row) => <Badge>{row.status}</Badge> },
      ]}
    />
  );
}

export function BetView({ id }: { id: string }) {
  return (
    <div className="grid grid-cols-1 items-start gap-4 lg:grid-cols-2">
      {id.startsWith("plb_") ? <PoolBet id={id} /> : <SportsbookBet id={id} />}
      <Timeline kind="bet" id={id} />
    </div>
  );
}

function PoolBet({ id }: { id: string }) {
  const bet = useQuery({
    queryKey: ["console", "bet", id],
    queryFn: ({ signal }) => call(http.GET("/v1/pools/bets/{id}", { params: { path: { id } }, signal })),
  });
  return (
    <Panel title={`Bet ${id}`}>
      <Asked query={bet}>
        {(found) => (
          <Facts
            items={[
              ["Customer", <Id key="c" id={found.user_id} />],
              ["Round", <Id key="r" kind="round" id={`${found.pool}/${found.round}`} />],
              ["Side", found.side],
              ["Stake", <Money key="s" amount={found.amount} code={found.currency} />],
              ["Status", found.status],
              [
                "Paid",
                found.payout === null ? (
                  "–"
                ) : (
                  <Money key="value" amount={found.payout} code={found.currency} />
                ),
              ],
              ["Placed", <Moment key="p" at={found.placed_at} />],
            ]}
          />
        )}
      </Asked>
    </Panel>
  );
}

function SportsbookBet({ id }: { id: string }) {
  const [open, dialog] = useDeeds();
  const bet = useQuery({
    queryKey: ["console", "bet", id],
    queryFn: ({ signal }) => call(http.GET("/v1/sportsbook/bets/{id}", { params: { path: { id } }, signal })),
  });
  return (
    <Panel
      title={`Bet ${id}`}
      actions={
        bet.data?.status === "open" && (
          <Button size="small" tone="danger" onClick={() => open(betVoid(id))}>
            Void…
          </Button>
        )
      }
    >
      <Asked query={bet}>
        {(found) => (
          <div className="flex flex-col gap-3">
            <Facts
              items={[
                ["Customer", <Id key="c" id={found.user_id} />],
                ["Kind", found.kind],
                ["Stake", <Money key="s" amount={found.amount} code={found.currency} />],
                ["Odds", found.odds],
                ["Could pay", <Money key="p" amount={found.potential_payout} code={found.currency} />],
                [
                  "Paid",
                  found.payout === null ? (
                    "–"
                  ) : (
                    <Money key="value" amount={found.payout} code={found.currency} />
                  ),
                ],
                ["Status", found.status.replace("_", " ")],
                ["Placed", <Moment key="a" at={found.placed_at} />],
              ]}
            />
            <Table
              label="Legs"
              rows={found.legs}
              rowKey={(leg) => JSON.stringify([leg.event_id, leg.market, leg.selection])}
              columns={[
                { key: "event", head: "Event", cell: (leg) => <Id kind="event" id={leg.event_id} /> },
                { key: "pick", head: "Selection", cell: (leg) => `${leg.market}: ${leg.selection}` },
                { key: "odds", head: "Odds", isNumber: true, cell: (leg) => leg.odds },
                { key: "status", head: "Status", cell: (leg) => leg.status.replace("_", " ") },
              ]}
            />
          </div>
        )}
      </Asked>
      {dialog}
    </Panel>
  );
}

export function OrderView({ id }: { id: string }) {
  const order = useQuery({
    queryKey: ["console", "order", id],
    queryFn: ({ signal }) => call(http.GET("/v1/exchange/orders/{id}", { params: { path: { id } }, signal })),
    refetchInterval: 5_000,
  });
  return (
    <div className="grid grid-cols-1 items-start gap-4 lg:grid-cols-2">
      <Panel title={`Order ${id}`}>
        <Asked query={order}>
          {(found) => (
            <Facts
              items={[
                ["Customer", <Id key="c" id={found.user_id} />],
                ["Market", <Id key="m" id={found.market_id} />],
                ["Runner", found.runner_id],
                ["Side and odds", `${found.side} at ${found.odds}`],
                ["Stake", <Money key="s" amount={found.stake} code={found.currency} />],
                ["Matched", <Money key="x" amount={found.matched} />],
                ["Remaining", <Money key="r" amount={found.remaining} />],
                ["Cancelled", <Money key="k" amount={found.cancelled} />],
                ["Lapsed", <Money key="l" amount={found.lapsed} />],
                ["Average odds", found.average_odds ?? "–"],
                ["Status", found.status],
                ["Placed", <Moment key="p" at={found.placed_at} />],
                ["Replaces", found.replaces ? <Id key="value" id={found.replaces} /> : "–"],
                ["Replaced by", found.replaced_by ? <Id key="value" id={found.replaced_by} /> : "–"],
              ]}
            />
          )}
        </Asked>
      </Panel>
      <Timeline kind="order" id={id} />
    </div>
  );
}

export function ChallengeView({ id }: { id: string }) {
  const [open, dialog] = useDeeds();
  const challenge = useQuery({
    queryKey: ["console", "challenge", id],
    queryFn: ({ signal }) =>
      call(http.GET("/v1/challenges/{token}", { params: { path: { token: id } }, signal })),
    refetchInterval: 5_000,
  });
  const party = (one: Schemas["Party"] | null) => (one ? <Id id={one.user_id}>{one.username}</Id> : "–");
  return (
    <Asked query={challenge} rows={8}>
      {(found) => (
        <div className="grid grid-cols-1 items-start gap-4 lg:grid-cols-2">
          <Panel
            title={found.title}
            actions={
              <>
                <Badge tone={found.status === "disputed" ? "warn" : "neutral"}>{found.status}</Badge>
                {["accepted", "resolved", "disputed"].includes(found.status) && (
                  <Button size="small" tone="danger" onClick={() => open(ruling(found))}>
                    Rule…
                  </Button>
                )}
              </>
            }
          >
            <Facts
              items={[
                ["Id", found.id],
                ["Challenger", party(found.challenger)],
                ["Acceptor", party(found.acceptor)],
                ["Resolver", party(found.resolver)],
                ["Challenger’s side", `${found.side} at ${found.odds}`],
                ["Stake", <Money key="s" amount={found.stake} code={found.currency} />],
                ["Liability", <Money key="l" amount={found.liability} code={found.currency} />],
                [
                  "Market",
                  found.runner ? (
                    <Id key="value" id={found.runner.market_id}>
                      {found.runner.market_name}
                    </Id>
                  ) : (
                    "–"
                  ),
                ],
                ["Offered", <Moment key="o" at={found.offered_at} />],
                ["Resolver said", found.resolver_outcome ?? "–"],
                ["Disputed by", found.disputed_by ? <Id key="value" id={found.disputed_by} /> : "–"],
                ["To be resolved by", found.resolve_by ? <Moment key="value" at={found.resolve_by} /> : "–"],
                ["Outcome", found.outcome ?? "–"],
                [
                  "As customers see it",
                  <Link
                    key="c"
                    to="/c/$token"
                    params={{ token: found.token }}
                    className="text-accent underline underline-offset-2"
                  >
                    Challenge page
                  </Link>,
                ],
              ]}
            />
          </Panel>
          <Timeline kind="challenge" id={id} />
          {dialog}
        </div>
      )}
    </Asked>
  );
}
