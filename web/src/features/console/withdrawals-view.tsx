/** Withdrawals that wait for an operator, and what a chain is doing with those that do not. */
import { useQuery } from "@tanstack/react-query";
import { call, http, type Schemas, useConfig } from "@/data";
import { Badge, Button, Empty, Moment, Money, Panel } from "@/ui";
import { useDeeds } from "./deed-dialog";
import { List, useList } from "./lists";
import { payment, rejection } from "./money-deeds";
import { Id } from "./places";

type Queued = Schemas["QueuedWithdrawal"];

export function WithdrawalsView() {
  const [open, dialog] = useDeeds();
  const { features } = useConfig();
  const list = useList<Queued>(
    ["withdrawals"],
    (after, signal) =>
      call(http.GET("/v1/withdrawals/queue", { params: { query: { limit: 50, ...after } }, signal })),
    { every: 5_000 },
  );
  return (
    <div className="flex min-w-0 flex-col gap-4">
      <Panel title="Withdrawals that wait" flush>
        <List
          list={list}
          label="Withdrawals that wait"
          rowKey={(row) => row.id}
          empty={
            <Empty title="None waits">Withdrawals stand here until somebody has paid or rejected them.</Empty>
          }
          columns={[
            { key: "id", head: "Withdrawal", isExtra: true, cell: (row) => <Id id={row.id} /> },
            { key: "who", head: "Customer", cell: (row) => <Id id={row.user_id}>{row.username}</Id> },
            {
              key: "amount",
              head: "Amount",
              isNumber: true,
              cell: (row) => <Money amount={row.amount} code={row.currency} />,
            },
            {
              key: "to",
              head: "To",
              isExtra: true,
              cell: (row) => <span className="break-all">{row.destination ?? "–"}</span>,
            },
            {
              key: "rail",
              head: "Paid by",
              isExtra: true,
              cell: (row) => (row.rail ? <Badge>{`${row.rail} ${row.rail_status ?? ""}`}</Badge> : "hand"),
            },
            { key: "at", head: "Asked for", isExtra: true, cell: (row) => <Moment at={row.requested_at} /> },
            {
              key: "do",
              head: <span className="sr-only">What to do</span>,
              isNumber: true,
              cell: (row) => <Deeds row={row} open={open} />,
            },
          ]}
        />
        {dialog}
      </Panel>
      {features.chain_rail && <OnChain />}
    </div>
  );
}

function Deeds({ row, open }: { row: Queued; open: ReturnType<typeof useDeeds>[0] }) {
  if (row.approval)
    return (
      <Id kind="approval" id={row.approval}>
        Proposed
      </Id>
    );
  const isOnItsWay = row.rail !== null && row.rail_status !== "waiting";
  if (isOnItsWay) return <span className="text-ink-soft">{row.rail_status}</span>;
  return (
    <span className="inline-flex flex-wrap justify-end gap-1">
      <Button
        size="small"
        onClick={() => open(payment(row))}
        aria-label={`${row.rail ? "Approve" : "It was paid"}: ${row.amount} ${row.currency} for ${row.username}`}
      >
        {row.rail ? "Approve…" : "Was paid…"}
      </Button>
      <Button
        size="small"
        tone="danger"
        onClick={() => open(rejection(row))}
        aria-label={`Reject ${row.amount} ${row.currency} for ${row.username}`}
      >
        Reject…
      </Button>
    </span>
  );
}

function OnChain() {
  const list = useList<Schemas["ChainWithdrawal"]>(
    ["chain-withdrawals"],
    (after, signal) =>
      call(http.GET("/v1/chain/withdrawals", { params: { query: { limit: 20, ...after } }, signal })),
    { every: 5_000 },
  );
  return (
    <Panel title="Paid over the chain" flush>
      <List
        list={list}
        label="Paid over the chain"
        rowKey={(row) => row.id}
        empty="Nothing was paid over the chain yet"
        columns={[
          {
            key: "id",
            head: "Withdrawal",
            cell: (row) => (
              <span className="break-all">
                <Id id={row.id} />
              </span>
            ),
          },
          { key: "who", head: "Customer", isExtra: true, cell: (row) => <Id id={row.user_id} /> },
          {
            key: "amount",
            head: "Amount",
            isNumber: true,
            cell: (row) => <Money amount={row.amount} code={row.currency} />,
          },
          {
            key: "status",
            head: "Status",
            cell: (row) => (
              <Badge tone={row.status === "confirmed" ? "good" : row.status === "stuck" ? "bad" : "neutral"}>
                {row.status.replaceAll("_", " ")}
              </Badge>
            ),
          },
          {
            key: "why",
            head: "Why, or its hash",
            isExtra: true,
            cell: (row) => (
              <span className="break-all text-ink-soft">{row.reason ?? row.tx_hash ?? "–"}</span>
            ),
          },
          { key: "at", head: "Taken up", isExtra: true, cell: (row) => <Moment at={row.taken_up_at} /> },
        ]}
      />
    </Panel>
  );
}

/** How many things wait, for the console's own navigation. */
export function useWaiting() {
  return useQuery({
    queryKey: ["console", "waiting"],
    queryFn: ({ signal }) => call(http.GET("/v1/waiting", { signal })),
    refetchInterval: 5_000,
  });
}
