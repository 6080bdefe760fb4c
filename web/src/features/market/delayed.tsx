/** Bets that wait out the delay in-play, counted down: until it is over they cannot be matched, and nobody sees them. */
import { type Head, oddsOf, serverNow } from "@/core";
import { type Order, useOpenOrders } from "@/data";
import { Countdown, Money, Odds, useLeft } from "@/ui";

export function Delayed({ head, nameOf }: { head: Head; nameOf: (runner: string) => string }) {
  const waiting = useOpenOrders(head.id).filter(isDelayed);
  return (
    <ul aria-live="polite" aria-label="Bets that wait out the delay" className="contents">
      {waiting.map((order) => (
        <Line key={order.id} order={order} name={nameOf(order.runner_id)} />
      ))}
    </ul>
  );
}

function Line({ order, name }: { order: Order; name: string }) {
  const until = order.delayed_until ?? "";
  if (useLeft(until) <= 0) return null;
  return (
    <li className="flex items-baseline justify-between gap-3 rounded-md bg-warn-soft px-3 py-2 text-xs text-warn">
      <span className="min-w-0 break-words">
        {order.side === "back" ? "Back" : "Lay"} {name}, <Money amount={order.stake} /> at{" "}
        <Odds odds={oddsOf(order.odds)} />
      </span>
      <span className="shrink-0 font-semibold">
        <Countdown until={until} over="now" />
      </span>
    </li>
  );
}

/** Whether an order waits out the delay still. */
export function isDelayed(order: Order): boolean {
  return Boolean(order.delayed_until) && Date.parse(order.delayed_until ?? "") > serverNow();
}
