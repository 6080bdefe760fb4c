/** What stands in the rows of a ladder: what waits at each price, the most of it, and one's own orders. */
import { minorOf, oddsOf, type Runner } from "@/core";
import type { Order } from "@/data";

export interface Levels {
  readonly toBack: ReadonlyMap<number, string>;
  readonly toLay: ReadonlyMap<number, string>;
}

export function levelsOf(runner: Runner | undefined): Levels {
  return {
    toBack: new Map(runner?.toBack.map((price) => [price.odds, price.size])),
    toLay: new Map(runner?.toLay.map((price) => [price.odds, price.size])),
  };
}

export function largest(runner: Runner | undefined, scale: number): bigint {
  let most = 0n;
  for (const price of [...(runner?.toBack ?? []), ...(runner?.toLay ?? [])]) {
    const minor = minorOf(price.size, scale);
    if (minor > most) most = minor;
  }
  return most;
}

export function share(levels: Levels, odds: number, most: bigint, scale: number): number {
  const size = levels.toBack.get(odds) ?? levels.toLay.get(odds);
  return size === undefined ? 0 : Number((minorOf(size, scale) * 100n) / most) / 100;
}

export function ordersByPrice(
  orders: readonly Order[],
  runner: string,
): ReadonlyMap<number, readonly Order[]> {
  const found = new Map<number, Order[]>();
  for (const order of orders) {
    if (order.runner_id !== runner) continue;
    const odds = oddsOf(order.odds);
    found.set(odds, [...(found.get(odds) ?? []), order]);
  }
  return found;
}
