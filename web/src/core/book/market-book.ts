/**
 * One market as it is now: its head, and for each runner the prices that wait and the last ones traded.
 *
 * It is fed with the messages of the stream's `market` channel. Every runner is one immutable value under its own key, so a
 * row that shows a runner is drawn again only if that runner changed.
 */
import { oddsOf } from "../odds/odds";
import type {
  ErrorMessage,
  Level,
  MarketMessage,
  StateMessage,
  StreamRunner,
  StreamTrade,
} from "../stream/protocol";
import { KeyedStore, type Schedule } from "./store";

/** A price that waits, and how much, as the API writes it. */
export interface Price {
  readonly odds: number;
  readonly size: string;
}

export interface Runner {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly reductionBps: number | null;
  readonly lastOdds: number | undefined;
  readonly matched: string;
  /** What can be backed, the highest odds first. */
  readonly toBack: readonly Price[];
  /** What can be laid, the lowest odds first. */
  readonly toLay: readonly Price[];
}

export interface Head {
  readonly id: string;
  readonly name: string;
  readonly event: string | null;
  readonly startsAt: string;
  readonly currency: string;
  readonly winners: number;
  readonly commissionBps: number;
  readonly ladder: string;
  readonly minStake: string;
  readonly betDelayMs: number;
  readonly status: string;
  readonly isWorking: boolean;
  readonly version: number;
  readonly runnerIds: readonly string[];
}

export interface Entry {
  /** A number that grows with every message: for what depends on all runners. */
  turn: number;
  head: Head;
  runner: Runner;
  trades: readonly StreamTrade[];
  refused: ErrorMessage;
}

const TRADES_KEPT = 200;
const TURN = "turn";
const HEAD = "head";
const TRADES = "trades";
const REFUSED = "refused";

export class MarketBook {
  readonly store: KeyedStore<Entry[keyof Entry]>;

  constructor(schedule?: Schedule) {
    this.store = new KeyedStore(schedule);
  }

  get head(): Head | undefined {
    return this.store.get(HEAD) as Head | undefined;
  }

  get trades(): readonly StreamTrade[] {
    return (this.store.get(TRADES) as readonly StreamTrade[] | undefined) ?? [];
  }

  get refusal(): ErrorMessage | undefined {
    return this.store.get(REFUSED) as ErrorMessage | undefined;
  }

  runner(id: string): Runner | undefined {
    return this.store.get(runnerKey(id)) as Runner | undefined;
  }

  take(message: StateMessage): void {
    const market = message as MarketMessage;
    this.store.delete(REFUSED);
    this.store.set(TURN, ((this.store.get(TURN) as number | undefined) ?? 0) + 1);
    if (message.type === "snapshot") this.#begin(market);
    else this.#change(market);
  }

  refused(error: ErrorMessage): void {
    this.store.set(REFUSED, error);
  }

  #begin(market: MarketMessage): void {
    this.store.set(HEAD, {
      id: market.id,
      name: market.name ?? "",
      event: market.event ?? null,
      startsAt: market.starts_at ?? "",
      currency: market.currency ?? "",
      winners: market.winners ?? 1,
      commissionBps: market.commission_bps ?? 0,
      ladder: market.ladder ?? "classic",
      minStake: market.min_stake ?? "",
      betDelayMs: market.bet_delay_ms ?? 0,
      status: market.status ?? "",
      isWorking: market.working ?? false,
      version: market.version ?? 0,
      runnerIds: market.runners.map((each) => each.id),
    });
    for (const each of market.runners) this.store.set(runnerKey(each.id), changed(NOBODY, each));
  }

  #change(market: MarketMessage): void {
    const { head } = this;
    if (!head) return;
    if (market.status !== undefined) {
      this.store.set(HEAD, {
        ...head,
        status: market.status,
        isWorking: market.working ?? head.isWorking,
        version: market.version ?? head.version,
      });
    }
    for (const each of market.runners) {
      const before = this.runner(each.id);
      if (before) this.store.set(runnerKey(each.id), changed(before, each));
    }
    if (market.trades?.length) {
      const newest = [...market.trades].reverse();
      this.store.set(TRADES, [...newest, ...this.trades].slice(0, TRADES_KEPT));
    }
  }
}

/** The keys of a book's store, for whoever shows a part of it. */
export const bookKeys = { turn: TURN, head: HEAD, trades: TRADES, refused: REFUSED, runner: runnerKey };

const NOBODY: Runner = {
  id: "",
  name: "",
  status: "active",
  reductionBps: null,
  lastOdds: undefined,
  matched: "",
  toBack: [],
  toLay: [],
};

function runnerKey(id: string): string {
  return `runner ${id}`;
}

function changed(before: Runner, now: StreamRunner): Runner {
  return {
    id: now.id,
    name: now.name ?? before.name,
    status: now.status ?? before.status,
    reductionBps: now.reduction_bps === undefined ? before.reductionBps : now.reduction_bps,
    lastOdds:
      now.last_odds === undefined
        ? before.lastOdds
        : now.last_odds === null
          ? undefined
          : oddsOf(now.last_odds),
    matched: now.matched ?? before.matched,
    toBack: merged(before.toBack, now.to_back, -1),
    toLay: merged(before.toLay, now.to_lay, 1),
  };
}

/** Return prices with those that changed, the best first: `direction` is 1 where the lowest odds are the best. */
function merged(
  before: readonly Price[],
  now: readonly Level[] | undefined,
  direction: 1 | -1,
): readonly Price[] {
  if (!now?.length) return before;
  const prices = [...before];
  for (const [text, size] of now) {
    const odds = oddsOf(text);
    const place = placeOf(prices, odds, direction);
    const isThere = prices[place]?.odds === odds;
    const isGone = Number(size) === 0;
    if (isGone) {
      if (isThere) prices.splice(place, 1);
    } else prices.splice(place, isThere ? 1 : 0, { odds, size });
  }
  return prices;
}

/** Return the first place whose odds are not better than these. */
function placeOf(prices: readonly Price[], odds: number, direction: 1 | -1): number {
  let low = 0;
  let high = prices.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (((prices[middle]?.odds ?? 0) - odds) * direction < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
