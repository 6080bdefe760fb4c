/** Withdrawals that wait for an operator. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { call, http, type Schemas } from "@/data";
import { Badge, Button, Empty, Failed, Loading, Moment, Money, Panel, Table } from "@/ui";
import { type Deed, DeedDialog } from "./deed-dialog";
import type { Go } from "./overview-view";

type Queued = Schemas["QueuedWithdrawal"];

export function WithdrawalsView({ go }: { go: Go }) {
  const [deed, setDeed] = useState<Deed>();
  const queue = useQuery({
    queryKey: ["withdrawals-queue"],
    queryFn: ({ signal }) =>
      call(http.GET("/v1/withdrawals/queue", { params: { query: { limit: 50 } }, signal })),
    refetchInterval: 5_000,
  });
  const complete = (row: Queued): Deed => ({
    what: row.rail ? "approve_withdrawal" : "complete_withdrawal",
    id: row.id,
    title: row.rail ? `Approve ${row.amount} ${row.currency}` : `${row.amount} ${row.currency} was paid`,
    act: (key) => {
      const params = { path: { id: row.id }, header: { "Idempotency-Key": key } };
      return row.rail
        ? call(http.POST("/v1/withdrawals/{id}/approve", { params: { path: { id: row.id } } }))
        : call(http.POST("/v1/withdrawals/{id}/complete", { params }));
    },
  });
  return (
    <Panel title="Withdrawals that wait" flush>
      {queue.isPending ? (
        <Loading rows={4} />
      ) : queue.error ? (
        <Failed error={queue.error} retry={() => void queue.refetch()} />
      ) : queue.data.items.length === 0 ? (
        <Empty title="None waits" />
      ) : (
        <Table
          label="Withdrawals"
          rows={queue.data.items}
          rowKey={(row) => row.id}
          columns={[
            {
              key: "who",
              head: "Who",
              cell: (row) => (
                <button
                  type="button"
                  className="text-accent underline"
                  onClick={() => go({ view: "customers", id: row.user_id })}
                >
                  {row.username}
                </button>
              ),
            },
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
              head: "Rail",
              isExtra: true,
              cell: (row) => (row.rail ? <Badge>{`${row.rail} ${row.rail_status ?? ""}`}</Badge> : "by hand"),
            },
            { key: "at", head: "Asked for", isExtra: true, cell: (row) => <Moment at={row.requested_at} /> },
            {
              key: "do",
              head: <span className="sr-only">What to do</span>,
              isNumber: true,
              cell: (row) => (
                <Button size="small" tone="primary" onClick={() => setDeed(complete(row))}>
                  {row.rail ? "Approve" : "It was paid"}
                </Button>
              ),
            },
          ]}
        />
      )}
      {deed && <DeedDialog deed={deed} onClose={() => setDeed(undefined)} />}
    </Panel>
  );
}
