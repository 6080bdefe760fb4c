/** How the house stands: its money, what waits for somebody, what it listens to, and what contradicts itself. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { call, http, useConfig } from "@/data";
import { Badge, Button, Empty, Facts, Failed, Loading, Moment, Money, Panel, Select, Table } from "@/ui";

export type Go = (next: { view: string; q?: string; id?: string }) => void;

export function OverviewView({ go }: { go: Go }) {
  return (
    <div className="grid items-start gap-4 lg:grid-cols-2">
      <Waiting go={go} />
      <House />
      <Feeds />
      <Conflicts />
    </div>
  );
}

function Waiting({ go }: { go: Go }) {
  const waiting = useQuery({
    queryKey: ["waiting"],
    queryFn: ({ signal }) => call(http.GET("/v1/waiting", { signal })),
    refetchInterval: 5_000,
  });
  return (
    <Panel title="Waits for somebody">
      {waiting.isPending ? (
        <Loading rows={3} />
      ) : waiting.error ? (
        <Failed error={waiting.error} retry={() => void waiting.refetch()} />
      ) : (
        <div className="grid grid-cols-2 gap-2">
          {(
            [
              ["withdrawals", "Withdrawals", "withdrawals"],
              ["payouts", "Payouts on the chain", "withdrawals"],
              ["approvals", "Approvals", "approvals"],
              ["disputed_challenges", "Disputed challenges", "overview"],
              ["conflicts", "Conflicts", "overview"],
              ["quarantined", "Commands set aside", "journal"],
            ] as const
          ).map(([key, label, view]) => (
            <Button key={key} onClick={() => go({ view })} className="justify-between!">
              {label}
              <Badge tone={waiting.data[key] > 0 ? "warn" : "neutral"}>{waiting.data[key]}</Badge>
            </Button>
          ))}
        </div>
      )}
    </Panel>
  );
}

function House() {
  const { currencies } = useConfig();
  const [currency, setCurrency] = useState(currencies[0]?.code ?? "USD");
  const house = useQuery({
    queryKey: ["house", currency],
    queryFn: ({ signal }) =>
      call(http.GET("/v1/house/overview", { params: { query: { currency, days: 14 } }, signal })),
    refetchInterval: 5_000,
  });
  return (
    <Panel
      title="The house's money"
      actions={
        <Select
          label="Currency"
          hideLabel
          value={currency}
          onChange={(event) => setCurrency(event.target.value)}
          options={currencies.map((each) => [each.code, each.code] as const)}
        />
      }
    >
      {house.isPending ? (
        <Loading rows={4} />
      ) : house.error ? (
        <Failed error={house.error} retry={() => void house.refetch()} />
      ) : (
        <div className="flex flex-col gap-3">
          <Facts
            items={[
              ["Bank, free", <Money key="b" amount={house.data.bank} code={currency} />],
              ["Reserved for bets", <Money key="r" amount={house.data.reserved} code={currency} />],
              ["Owed by the owner", <Money key="o" amount={house.data.owed_by_owner} code={currency} />],
              ["Fees so far", <Money key="f" amount={house.data.fees} code={currency} />],
              ["Rounding", <Money key="g" amount={house.data.rounding} code={currency} />],
            ]}
          />
          <Table
            label="At stake"
            rows={house.data.at_stake}
            rowKey={(row) => `${row.product} ${row.id}`}
            columns={[
              { key: "what", head: "At stake on", cell: (row) => row.label },
              { key: "product", head: "Product", isExtra: true, cell: (row) => row.product },
              { key: "amount", head: "Amount", isNumber: true, cell: (row) => <Money amount={row.amount} /> },
            ]}
          />
          <Table
            label="Fees by day"
            rows={house.data.fees_by_day}
            rowKey={(row) => row.day}
            columns={[
              { key: "day", head: "Day (UTC)", cell: (row) => row.day },
              { key: "fees", head: "Fees", isNumber: true, cell: (row) => <Money amount={row.fees} tone /> },
            ]}
          />
        </div>
      )}
    </Panel>
  );
}

function Feeds() {
  const feeds = useQuery({
    queryKey: ["feeds"],
    queryFn: ({ signal }) => call(http.GET("/v1/feeds", { signal })),
    refetchInterval: 5_000,
  });
  return (
    <Panel title="What the house listens to" flush>
      {feeds.isPending ? (
        <Loading rows={3} />
      ) : feeds.error ? (
        <Failed error={feeds.error} retry={() => void feeds.refetch()} />
      ) : feeds.data.items.length === 0 ? (
        <Empty title="Nothing" />
      ) : (
        <Table
          label="Feeds"
          rows={feeds.data.items}
          rowKey={(row) => `${row.kind} ${row.name}`}
          columns={[
            { key: "name", head: "Feed", cell: (row) => `${row.kind}: ${row.name}` },
            {
              key: "ok",
              head: "State",
              cell: (row) => <Badge tone={row.ok ? "good" : "bad"}>{row.ok ? "Well" : "In trouble"}</Badge>,
            },
            {
              key: "heard",
              head: "Last heard",
              isExtra: true,
              cell: (row) => (row.last_heard_at ? <Moment at={row.last_heard_at} only="time" /> : "–"),
            },
            {
              key: "why",
              head: "Why, and what next",
              cell: (row) => [row.error, row.next_step].filter(Boolean).join(" "),
            },
          ]}
        />
      )}
    </Panel>
  );
}

function Conflicts() {
  const conflicts = useQuery({
    queryKey: ["conflicts"],
    queryFn: ({ signal }) => call(http.GET("/v1/conflicts", { signal })),
    refetchInterval: 10_000,
  });
  return (
    <Panel title="Contradictions" flush>
      {conflicts.isPending ? (
        <Loading rows={2} />
      ) : conflicts.error ? (
        <Failed error={conflicts.error} retry={() => void conflicts.refetch()} />
      ) : conflicts.data.items.length === 0 ? (
        <Empty title="Nothing contradicts itself" />
      ) : (
        <Table
          label="Contradictions"
          rows={conflicts.data.items}
          rowKey={(row) => `${row.product} ${row.id} ${row.what}`}
          columns={[
            { key: "product", head: "Product", cell: (row) => row.product },
            { key: "label", head: "On", cell: (row) => row.label },
            { key: "what", head: "What", cell: (row) => row.what },
          ]}
        />
      )}
    </Panel>
  );
}
