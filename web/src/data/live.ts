/** What is live: the page's one connection, and hooks that show a part of it. */
import { useCallback, useEffect, useSyncExternalStore } from "react";
import {
  BRIEF,
  type Brief,
  BriefMarket,
  type ChannelName,
  Connection,
  type ConnectionState,
  type ErrorMessage,
  type Follower,
  type KeyedStore,
  MarketBook,
  type StateMessage,
} from "@/core";

export type { ConnectionState } from "@/core";

export const connection = new Connection({
  open: () => new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/v1/stream`),
  now: () => performance.now(),
  later: (work, milliseconds) => {
    const timer = setTimeout(work, milliseconds);
    return () => clearTimeout(timer);
  },
});

addEventListener("online", () => connection.nudge());
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") connection.nudge();
});

export function useConnectionState(): ConnectionState {
  return useSyncExternalStore(
    useCallback((changed) => connection.watch(changed), []),
    () => connection.state,
  );
}

/** Show one key of a store; the component is drawn again at most once a frame, and only when that key changed. */
export function useStored<Value>(store: KeyedStore<Value>, key: string): Value | undefined {
  return useSyncExternalStore(
    useCallback((changed) => store.subscribe(key, changed), [store, key]),
    () => store.get(key),
  );
}

interface Held<Value> {
  readonly value: Value;
  users: number;
  release: (() => void) | undefined;
}

/** What is followed is followed while anything shows it, and a moment longer: whoever goes back finds it as it is. */
const LINGER_MS = 3_000;

/** What is live under its ids, shared: however many places show the same thing, the server is asked for it once. */
export class Shared<Value extends Follower> {
  readonly #channel: ChannelName;
  readonly #make: () => Value;
  readonly #held = new Map<string, Held<Value>>();

  constructor(channel: ChannelName, make: () => Value) {
    this.#channel = channel;
    this.#make = make;
  }

  /** Return the value of an id, whether it is followed yet or not. */
  get(id = ""): Value {
    return this.#of(id).value;
  }

  /** Follow an id; return how to let it go. */
  hold(id = ""): () => void {
    const held = this.#of(id);
    held.users += 1;
    held.release ??= connection.follow(this.#channel, id === "" ? undefined : id, held.value);
    return () => {
      held.users -= 1;
      setTimeout(() => {
        if (held.users > 0) return;
        held.release?.();
        held.release = undefined;
        if (this.#held.get(id) === held) this.#held.delete(id);
      }, LINGER_MS);
    };
  }

  #of(id: string): Held<Value> {
    let held = this.#held.get(id);
    if (!held) {
      held = { value: this.#make(), users: 0, release: undefined };
      this.#held.set(id, held);
    }
    return held;
  }
}

/** Follow what is shared while a component is shown, and return it. Without an id it is a channel that has none. */
export function useShared<Value extends Follower>(shared: Shared<Value>, id = ""): Value {
  // What was dropped while nobody looked is made anew with the first look; it stays the same from then on.
  const value = shared.get(id);
  useEffect(() => {
    const release = shared.hold(id);
    return release;
  }, [shared, id]);
  return value;
}

const books = new Shared("market", () => new MarketBook());

/** Return a market's live book. */
export function useMarketBook(market: string): MarketBook {
  return useShared(books, market);
}

const briefs = new Shared("lobby", () => new BriefMarket());

/** Return a market in brief, live; `undefined` until it is known. */
export function useBriefMarket(market: string): Brief | undefined {
  return useStored(useShared(briefs, market).store, BRIEF);
}

/** Follow a channel while a component is shown, and hand every message to `take`. */
export function useChannel(
  channel: ChannelName,
  id: string | undefined,
  take: (message: StateMessage) => void,
  refused?: (error: ErrorMessage) => void,
): void {
  useEffect(
    () => connection.follow(channel, id, { take, refused: refused ?? (() => {}) }),
    [channel, id, take, refused],
  );
}
