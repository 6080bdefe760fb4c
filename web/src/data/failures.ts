/** What failed stays told of while it is asked for again. */
import type { QueryCache, QueryCacheNotifyEvent } from "@tanstack/react-query";

/**
 * Keep the error of a query that has no data until it is answered. The library forgets it as soon as the query is sent
 * again, and a page that asks every few seconds would turn to and fro between the error and "loading". Whoever comes to
 * a page later sees it loading, as at first.
 */
export function keepFailures(cache: QueryCache): () => void {
  const failed = new WeakMap<object, Error>();
  return cache.subscribe((event: QueryCacheNotifyEvent) => {
    const { query } = event;
    if (event.type === "observerRemoved" && query.getObserversCount() === 0) failed.delete(query);
    if (event.type !== "updated") return;
    const { status, error } = query.state;
    const before = failed.get(query);
    if (status === "error" && error) failed.set(query, error);
    else if (event.action.type === "fetch" && before) query.setState({ status: "error", error: before });
    else failed.delete(query);
  });
}
