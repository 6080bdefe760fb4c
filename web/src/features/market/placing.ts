/** Placing an order, and saying what became of it. */
import { useMutation } from "@tanstack/react-query";
import { type Currency, type Head, oddsOf, type Side, showOdds } from "@/core";
import { call, http, notePlaced, type Order } from "@/data";
import { tell, useOddsFormat } from "@/ui";

export interface OrderWanted {
  readonly runner: string;
  readonly side: Side;
  /** As the API writes them. */
  readonly odds: string;
  readonly stake: string;
  /** However often it is sent under a key, it is placed once. */
  readonly key: string;
  /** Whether a refusal is told in passing: where no form is there to show it. */
  readonly tells?: boolean;
}

/** Place orders in a market. What is refused because the market has changed meanwhile names the version that was seen. */
export function usePlaceOrder(head: Head, currency: Currency, nameOf: (runner: string) => string) {
  const format = useOddsFormat();
  return useMutation({
    mutationFn: ({ key, runner, side, odds, stake }: OrderWanted) =>
      call(
        http.POST("/v1/exchange/orders", {
          params: { header: { "Idempotency-Key": key } },
          body: {
            market_id: head.id,
            runner_id: runner,
            side,
            odds,
            stake,
            time_in_force: "gtc",
            persistence: "lapse",
            ...(head.version > 0 ? { market_version: head.version } : {}),
          },
        }),
      ),
    onSuccess: (order) => {
      notePlaced(order.id);
      const what = `${order.side === "back" ? "Back" : "Lay"} ${nameOf(order.runner_id)} at ${showOdds(oddsOf(order.odds), format)}`;
      tell(becameOf(order, currency), what);
    },
    onError: (error, { tells }) => {
      if (tells) tell("The bet was not placed", error.message, "bad");
    },
  });
}

/** Say what became of an order that was just placed. */
export function becameOf(order: Order, currency: Currency): string {
  if (order.delayed_until) return "Your bet waits out the delay";
  if (order.status === "complete") return `Matched: ${order.stake} ${currency.code}`;
  if (Number(order.matched) > 0)
    return `Matched ${order.matched} of ${order.stake} ${currency.code}; the rest waits`;
  return order.status === "executable"
    ? `Your bet of ${order.stake} ${currency.code} waits to be matched`
    : "The bet was not matched and has ended";
}
