/** One's orders in this market: what waits, with a way to take it back or change its price, and what was matched. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { Minus, Plus } from "lucide-react";
import { useState } from "react";
import { type Head, ladderNamed, oddsOf, oddsText } from "@/core";
import { call, http, newKey, type Order, useMe, useOpenOrders } from "@/data";
import {
  Asked,
  Badge,
  Button,
  Countdown,
  Empty,
  IconButton,
  Moment,
  Money,
  Odds,
  Panel,
  Table,
  tell,
} from "@/ui";
import { isDelayed } from "./delayed";

export function OrdersPane({ head, nameOf }: { head: Head; nameOf: (runner: string) => string }) {
  const me = useMe();
  const waiting = useOpenOrders(head.id);
  const cancelAll = useMutation({
    mutationFn: () =>
      call(
        http.POST("/v1/exchange/orders/cancel", {
          params: { header: { "Idempotency-Key": newKey() } },
          body: { market_id: head.id },
        }),
      ),
    onSuccess: () => tell("Everything that waited was taken back"),
    onError: (error) => tell("Not taken back", error.message, "bad"),
  });
  if (!me?.id) return null;
  return (
    <div className="grid gap-4 lg:grid-cols-2">
      <Panel
        title={`Unmatched (${waiting.length})`}
        flush
        actions={
          waiting.length > 1 && (
            <Button size="small" tone="danger" busy={cancelAll.isPending} onClick={() => cancelAll.mutate()}>
              Cancel all
            </Button>
          )
        }
      >
        {waiting.length === 0 ? (
          <Empty title="Nothing waits to be matched" />
        ) : (
          <Table
            label="Unmatched orders"
            rows={waiting}
            rowKey={(order) => order.id}
            columns={[
              {
                key: "what",
                head: "Order",
                cell: (order) => (
                  <span className="flex flex-wrap items-center gap-x-2">
                    <What side={order.side} runner={nameOf(order.runner_id)} />
                    {isDelayed(order) && (
                      <Badge tone="warn">
                        in <Countdown until={order.delayed_until ?? ""} over="0 s" />
                      </Badge>
                    )}
                  </span>
                ),
              },
              {
                key: "odds",
                head: "Odds",
                isNumber: true,
                cell: (order) => <Reprice order={order} ladder={head.ladder} />,
              },
              {
                key: "left",
                head: "Left",
                isNumber: true,
                cell: (order) => <Money amount={order.remaining} />,
              },
              {
                key: "do",
                head: <span className="sr-only">Cancel</span>,
                isNumber: true,
                cell: (order) => <Cancel order={order} />,
              },
            ]}
          />
        )}
      </Panel>
      <Matched head={head} nameOf={nameOf} />
    </div>
  );
}

function What({ side, runner }: { side: "back" | "lay"; runner: string }) {
  return (
    <span className="flex items-center gap-2">
      <span
        className={`rounded-sm px-1.5 text-2xs font-medium ${side === "back" ? "bg-back-strong text-back-ink" : "bg-lay-strong text-lay-ink"}`}
      >
        {side === "back" ? "Back" : "Lay"}
      </span>
      <span className="break-words">{runner}</span>
    </span>
  );
}

function Cancel({ order }: { order: Order }) {
  const cancel = useCancel();
  return (
    <Button
      size="small"
      tone="quiet"
      aria-label={`Cancel the ${order.side} of ${order.remaining} at ${order.odds}`}
      busy={cancel.isPending}
      onClick={() => cancel.mutate(order.id)}
    >
      Cancel
    </Button>
  );
}

/** A tick up or down: the order is replaced by one at the next price. */
function Reprice({ order, ladder }: { order: Order; ladder: string }) {
  const replace = useReplace();
  const move = (ticks: number) =>
    replace.mutate({ id: order.id, odds: oddsText(ladderNamed(ladder).step(oddsOf(order.odds), ticks)) });
  return (
    <span className="inline-flex items-center gap-1">
      <IconButton
        label={`One tick shorter than ${order.odds}`}
        size="small"
        className="min-w-7!"
        onClick={() => move(-1)}
        busy={replace.isPending}
      >
        <Minus size={12} aria-hidden="true" />
      </IconButton>
      <Odds odds={oddsOf(order.odds)} />
      <IconButton
        label={`One tick longer than ${order.odds}`}
        size="small"
        className="min-w-7!"
        onClick={() => move(1)}
        busy={replace.isPending}
      >
        <Plus size={12} aria-hidden="true" />
      </IconButton>
    </span>
  );
}

/** Take back what waits of an order. */
export function useCancel() {
  return useMutation({
    mutationFn: (id: string) =>
      call(
        http.DELETE("/v1/exchange/orders/{id}", {
          params: { path: { id }, header: { "Idempotency-Key": newKey() } },
        }),
      ),
    onError: (error) => tell("Not taken back", error.message, "bad"),
  });
}

/** Give an order another price; what was matched of it stays. */
export function useReplace() {
  return useMutation({
    mutationFn: ({ id, odds }: { id: string; odds: string }) =>
      call(
        http.PUT("/v1/exchange/orders/{id}", {
          params: { path: { id }, header: { "Idempotency-Key": newKey() } },
          body: { odds },
        }),
      ),
    onError: (error) => tell("Its price was not changed", error.message, "bad"),
  });
}

/** So many matched bets leave the ladder below them in sight. */
const LATEST = 8;

function Matched({ head, nameOf }: { head: Head; nameOf: (runner: string) => string }) {
  const [showsAll, setShowsAll] = useState(false);
  const matches = useQuery({
    queryKey: ["matches", head.id],
    queryFn: ({ signal }) =>
      call(
        http.GET("/v1/exchange/matches", { params: { query: { market_id: head.id, limit: 50 } }, signal }),
      ),
  });
  return (
    <Panel title="Matched" flush>
      <Asked query={matches} rows={2}>
        {(found) =>
          found.items.length === 0 ? (
            <Empty title="Nothing is matched yet" />
          ) : (
            <Table
              label="Matched bets"
              rows={showsAll ? found.items : found.items.slice(0, LATEST)}
              rowKey={(match) => `${match.id} ${match.order_id}`}
              after={
                !showsAll &&
                found.items.length > LATEST && (
                  <div className="p-3">
                    <Button size="small" onClick={() => setShowsAll(true)}>
                      Show earlier ones
                    </Button>
                  </div>
                )
              }
              columns={[
                {
                  key: "what",
                  head: "Bet",
                  cell: (match) => <What side={match.side} runner={nameOf(match.runner_id)} />,
                },
                {
                  key: "odds",
                  head: "Odds",
                  isNumber: true,
                  cell: (match) => <Odds odds={oddsOf(match.odds)} />,
                },
                {
                  key: "size",
                  head: "Stake",
                  isNumber: true,
                  cell: (match) => <Money amount={match.size} />,
                },
                {
                  key: "at",
                  head: "At",
                  isNumber: true,
                  isExtra: true,
                  cell: (match) => <Moment at={match.at} only="time" />,
                },
              ]}
            />
          )
        }
      </Asked>
    </Panel>
  );
}
