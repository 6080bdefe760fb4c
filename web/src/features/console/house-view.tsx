/** The house's own money, what it may lose and what is at stake. */
import { useQuery } from "@tanstack/react-query";
import { call, http, type Schemas, useConfig, useMe } from "@/data";
import { Asked, Button, Day, Empty, Facts, Money, Panel, Select, Table } from "@/ui";
import { useDeeds } from "./deed-dialog";
import { Exposure } from "./event-view";
import { List, useList } from "./lists";
import { bookLimits, houseMove } from "./money-deeds";
import { type Go, Id, type Place, placeOf, To } from "./places";

export function HouseView({ place, go }: { place: Place; go: Go }) {
  const { currencies, currency: usual } = useConfig();
  const currency = currencies.find(({ code }) => code === place.currency)?.code ?? usual;
  const house = useQuery({
    queryKey: ["console", "house", currency],
    queryFn: ({ signal }) =>
      call(http.GET("/v1/house/overview", { params: { query: { currency, days: 14 } }, signal })),
    refetchInterval: 5_000,
  });
  return (
    <div className="flex min-w-0 flex-col gap-4">
      <div className="w-40">
        <Select
          label="Currency"
          value={currency}
          onChange={(event) => go({ view: "house", currency: event.target.value })}
          options={currencies.map(({ code }) => [code, code] as const)}
        />
      </div>
      <div className="grid grid-cols-1 items-start gap-4 lg:grid-cols-2">
        <div className="flex min-w-0 flex-col gap-4">
          <Bank house={house} currency={currency} />
          <Limits currency={currency} />
          <Fees house={house} />
        </div>
        <div className="flex min-w-0 flex-col gap-4">
          <AtStake house={house} />
          <Exposure />
          <Owing />
        </div>
      </div>
    </div>
  );
}

type House = ReturnType<typeof useQuery<Schemas["HouseOverview"]>>;

function Bank({ house, currency }: { house: House; currency: string }) {
  const [open, dialog] = useDeeds();
  const me = useMe();
  const codes = [[currency, currency]] as const;
  const account = (kind: string, amount: string) => (
    <Id id={`house.${currency}.${kind}`}>
      <Money amount={amount} code={currency} />
    </Id>
  );
  return (
    <Panel
      title="Bank"
      actions={
        me?.role === "admin" ? (
          <>
            <Button size="small" onClick={() => open(houseMove("deposits", codes))}>
              Pay in…
            </Button>
            <Button size="small" tone="danger" onClick={() => open(houseMove("withdrawals", codes))}>
              Take out…
            </Button>
          </>
        ) : (
          <span className="text-xs text-ink-soft">Admins pay in and take out.</span>
        )
      }
    >
      <Asked query={house}>
        {(found) => (
          <Facts
            items={[
              ["Free", account("bank", found.bank)],
              ["Reserved for open bets", account("escrow", found.reserved)],
              ["Owed by the owner", account("receivable", found.owed_by_owner)],
              ["Fees so far", account("fees", found.fees)],
              ["Rounding so far", account("rounding", found.rounding)],
            ]}
          />
        )}
      </Asked>
      {dialog}
    </Panel>
  );
}

function Limits({ currency }: { currency: string }) {
  const [open, dialog] = useDeeds();
  const limits = useQuery({
    queryKey: ["console", "book-limits", currency],
    queryFn: ({ signal }) =>
      call(http.GET("/v1/sportsbook/limits", { params: { query: { currency } }, signal })),
  });
  const most = (amount: string | null) =>
    amount === null ? "no limit" : <Money amount={amount} code={currency} />;
  return (
    <Panel
      title="Limits of the sportsbook"
      actions={
        limits.data && (
          <Button size="small" onClick={() => open(bookLimits(limits.data))}>
            Change…
          </Button>
        )
      }
    >
      <Asked query={limits}>
        {(found) => (
          <Facts
            items={[
              ["Smallest stake", <Money key="m" amount={found.min_stake} code={currency} />],
              ["Largest stake", most(found.max_stake)],
              ["Largest payout", most(found.max_payout)],
              ["May lose on one event", most(found.max_event_liability)],
              ["Margin on cash-outs", `${found.cash_out_margin_bps / 100} %`],
            ]}
          />
        )}
      </Asked>
      {dialog}
    </Panel>
  );
}

function Fees({ house }: { house: House }) {
  return (
    <Panel title="Fees by day (UTC)" flush>
      <Asked query={house}>
        {(found) => (
          <Table
            label="Fees by day"
            rows={[...found.fees_by_day].reverse()}
            rowKey={(row) => row.day}
            columns={[
              { key: "day", head: "Day", cell: (row) => <Day day={row.day} /> },
              { key: "fees", head: "Fees", isNumber: true, cell: (row) => <Money amount={row.fees} tone /> },
            ]}
          />
        )}
      </Asked>
    </Panel>
  );
}

const KINDS: Readonly<Record<Schemas["Stake"]["product"], string>> = {
  exchange: "market",
  sportsbook: "event",
  pools: "round",
};

function AtStake({ house }: { house: House }) {
  return (
    <Panel title="At stake" flush>
      <Asked query={house}>
        {(found) =>
          found.at_stake.length === 0 ? (
            <Empty title="Nothing is at stake" />
          ) : (
            <Table
              label="At stake"
              rows={found.at_stake}
              rowKey={(row) => `${row.product} ${row.id}`}
              columns={[
                {
                  key: "on",
                  head: "On",
                  cell: (row) => {
                    const place = placeOf(KINDS[row.product], row.id);
                    return place ? <To place={place}>{row.label}</To> : row.label;
                  },
                },
                {
                  key: "what",
                  head: "What it is",
                  isExtra: true,
                  cell: (row) =>
                    ({ exchange: "matched", sportsbook: "the house’s risk", pools: "staked" })[row.product],
                },
                {
                  key: "amount",
                  head: "Amount",
                  isNumber: true,
                  cell: (row) => <Money amount={row.amount} />,
                },
              ]}
            />
          )
        }
      </Asked>
    </Panel>
  );
}

function Owing() {
  const list = useList<Schemas["Receivable"]>(
    ["receivables"],
    (after, signal) =>
      call(http.GET("/v1/receivables", { params: { query: { limit: 20, ...after } }, signal })),
    { every: 10_000 },
  );
  return (
    <Panel title="Customers who owe" flush>
      <List
        list={list}
        label="Customers who owe"
        rowKey={(row) => `${row.user_id} ${row.currency}`}
        empty="Nobody owes the house anything"
        columns={[
          { key: "who", head: "Customer", cell: (row) => <Id id={row.user_id} /> },
          {
            key: "owed",
            head: "Owes",
            isNumber: true,
            cell: (row) => <Money amount={row.owed} code={row.currency} />,
          },
        ]}
      />
    </Panel>
  );
}
