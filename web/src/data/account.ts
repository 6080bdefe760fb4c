/** One's own account, live: balances by currency and open orders, fed by the stream's `account` channel. */
import { useCallback, useEffect, useMemo, useSyncExternalStore } from "react";
import type { Schemas } from "@/api/client";
import { KeyedStore, type StateMessage } from "@/core";
import { ME, queryClient } from "./client";
import { connection, useStored } from "./live";
import { useMe } from "./session";

export type Order = Schemas["Order"];

export interface LiveBalance {
  readonly currency: string;
  readonly cash: string;
  readonly escrow: string;
  readonly withdrawing: string;
  readonly total: string;
  readonly owed: string;
}

export interface OwnMatch {
  readonly id: string;
  readonly order_id: string;
  readonly market_id: string;
  readonly runner_id: string;
  readonly side: "back" | "lay";
  readonly odds: string;
  readonly size: string;
  readonly at: string;
}

interface AccountMessage extends StateMessage {
  readonly balances?: readonly LiveBalance[];
  readonly orders?: readonly Order[];
  readonly matches?: readonly OwnMatch[];
  /** In which lists of bets something is different. */
  readonly changed?: readonly ("bets" | "pool_bets")[];
}

const ALL_ORDERS = "orders";
const ALL_BALANCES = "balances";

class Account {
  readonly store = new KeyedStore<readonly Order[] | readonly LiveBalance[]>();
  readonly #matchWatchers = new Set<(matches: readonly OwnMatch[]) => void>();

  take(message: StateMessage): void {
    const { type, balances, orders, matches, changed } = message as AccountMessage;
    if (balances) {
      const before = type === "snapshot" ? [] : this.balances;
      const others = before.filter((each) => !balances.some((now) => now.currency === each.currency));
      this.store.set(
        ALL_BALANCES,
        [...others, ...balances].sort((one, other) => (one.currency < other.currency ? -1 : 1)),
      );
    }
    if (orders) {
      const before = type === "snapshot" ? [] : this.orders;
      const changed = new Set(orders.map((each) => each.id));
      const kept = before.filter((each) => !changed.has(each.id));
      const open = orders.filter((each) => each.status === "executable");
      this.store.set(
        ALL_ORDERS,
        [...kept, ...open].sort((one, other) => (one.placed_at < other.placed_at ? 1 : -1)),
      );
    }
    if (type === "snapshot" || matches?.length || orders?.length) askAgainSoon(["positions", "matches"]);
    if (type === "snapshot") askAgainSoon(LISTS);
    else if (changed) askAgainSoon(changed.map((list) => list.replace("_", "-")));
    if (balances) askAgainSoon(OF_MONEY);
    if (matches?.length) for (const watcher of this.#matchWatchers) watcher(matches);
  }

  refused(): void {
    this.forget();
    // It is followed for whoever is logged in: their session may have ended elsewhere.
    void queryClient.invalidateQueries({ queryKey: ME });
  }

  forget(): void {
    this.store.set(ALL_BALANCES, []);
    this.store.set(ALL_ORDERS, []);
  }

  get balances(): readonly LiveBalance[] {
    return (this.store.get(ALL_BALANCES) as readonly LiveBalance[] | undefined) ?? NO_BALANCES;
  }

  get orders(): readonly Order[] {
    return (this.store.get(ALL_ORDERS) as readonly Order[] | undefined) ?? NO_ORDERS;
  }

  watchMatches(watcher: (matches: readonly OwnMatch[]) => void): () => void {
    this.#matchWatchers.add(watcher);
    return () => this.#matchWatchers.delete(watcher);
  }
}

const NO_BALANCES: readonly LiveBalance[] = [];
const NO_ORDERS: readonly Order[] = [];

const account = new Account();

/** The lists of bets, under their names in the cache: the stream says which of them is to be asked for anew. */
const LISTS = ["bets", "pool-bets"] as const;

/** What may be different when somebody's money has moved. */
const OF_MONEY = [
  "unread",
  "transactions",
  "withdrawals",
  "round",
  "rounds",
  "challenge",
  "challenges",
  "follows",
] as const;

/** Whoever is matched many times a second asks once, when it has happened. */
const SOON_MS = 300;
const stale = new Set<string>();

function askAgainSoon(names: readonly string[]): void {
  const isUnderWay = stale.size > 0;
  for (const name of names) stale.add(name);
  if (isUnderWay) return;
  setTimeout(() => {
    const all = [...stale];
    stale.clear();
    for (const name of all) void queryClient.invalidateQueries({ queryKey: [name] });
  }, SOON_MS);
}

/** Follow the account of whoever is logged in, for as long as the app is open. The shell calls this once. */
export function useOwnAccountFollowed(): void {
  const id = useMe()?.id ?? undefined;
  useEffect(() => {
    if (id === undefined) {
      account.forget();
      return;
    }
    return connection.follow("account", undefined, account);
  }, [id]);
}

export function useBalances(): readonly LiveBalance[] {
  useStored(account.store, ALL_BALANCES);
  return account.balances;
}

export function useBalance(currency: string): LiveBalance | undefined {
  return useBalances().find((each) => each.currency === currency);
}

/** Return one's open orders, the newest first; with `market`, those in it. */
export function useOpenOrders(market?: string): readonly Order[] {
  const orders = useSyncExternalStore(
    useCallback((changed: () => void) => account.store.subscribe(ALL_ORDERS, changed), []),
    () => account.orders,
  );
  return useMemo(
    () => (market === undefined ? orders : orders.filter((each) => each.market_id === market)),
    [orders, market],
  );
}

/** Hear of one's own matches as they happen. */
export function useOwnMatches(heard: (matches: readonly OwnMatch[]) => void): void {
  useEffect(() => account.watchMatches(heard), [heard]);
}
