/** What is live: the page's one connection, and hooks that show a part of it. */
import { useCallback, useEffect, useSyncExternalStore } from "react";
import {
  type ChannelName,
  Connection,
  type ConnectionState,
  type ErrorMessage,
  type KeyedStore,
  MarketBook,
  type StateMessage,
} from "@/core";

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

interface Followed<T> {
  readonly value: T;
  users: number;
  release: (() => void) | undefined;
}

const books = new Map<string, Followed<MarketBook>>();

/** A book is followed while anything shows it, and a moment longer: whoever goes back to it finds it as it is. */
const LINGER_MS = 3_000;

/** Return a market's live book. */
export function useMarketBook(market: string): MarketBook {
  let followed = books.get(market);
  if (!followed) {
    followed = { value: new MarketBook(), users: 0, release: undefined };
    books.set(market, followed);
  }
  const held = followed;
  useEffect(() => {
    held.users += 1;
    books.set(market, held);
    held.release ??= connection.follow("market", market, held.value);
    return () => {
      held.users -= 1;
      setTimeout(() => {
        if (held.users > 0) return;
        held.release?.();
        held.release = undefined;
        if (books.get(market) === held) books.delete(market);
      }, LINGER_MS);
    };
  }, [market, held]);
  return held.value;
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
