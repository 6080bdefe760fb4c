/** One's position in a market: what each runner's winning brings, as it is and as it would be. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useRef } from "react";
import { type Currency, type Head, minorOf, type Stand } from "@/core";
import { call, http, useMe } from "@/data";

export interface Position {
  readonly stands: readonly Stand[];
  /** By how much one's commission is less than everybody's. */
  readonly discountBps: number;
  /** Why it may be old, if it could not be asked for anew. */
  readonly error: Error | null;
  readonly refetch: () => unknown;
}

const NONE: readonly Stand[] = [];

/** Return one's position in a market. `if_lose` is minus the stake, and `if_win` less that is stake times odds. */
export function useStands(head: Head, currency: Currency): Position {
  const { id: market } = head;
  const id = useMe()?.id ?? undefined;
  useBetsAskedAgain(head);
  const { data, error, refetch } = useQuery({
    queryKey: ["positions", market],
    queryFn: ({ signal }) =>
      call(
        http.GET("/v1/exchange/positions", { params: { query: { market_id: market, limit: 1 } }, signal }),
      ),
    enabled: id !== undefined,
  });
  const discount = useQuery({
    queryKey: ["commission-discount", id],
    queryFn: ({ signal }) =>
      call(http.GET("/v1/users/{id}/commission-discount", { params: { path: { id: id ?? "me" } }, signal })),
    enabled: id !== undefined,
    staleTime: 60_000,
  });
  const stands = useMemo(
    () =>
      data?.items[0]?.runners.map((each) => {
        const ifLose = minorOf(each.if_lose, currency.scale);
        const ifWin = minorOf(each.if_win, currency.scale);
        return { runner: each.runner_id, stakeMinor: -ifLose, valueCents: 100n * (ifWin - ifLose) };
      }) ?? NONE,
    [data, currency.scale],
  );
  return { stands, discountBps: discount.data?.discount_bps ?? 0, error, refetch };
}

/** Ask for one's bets anew when the market changes itself: a runner that is removed changes bets without a new one. */
function useBetsAskedAgain({ id, version, isWorking }: Head): void {
  const queries = useQueryClient();
  const state = `${id} ${version} ${isWorking}`;
  const before = useRef(state);
  useEffect(() => {
    if (before.current === state) return;
    before.current = state;
    for (const name of ["positions", "matches"]) void queries.invalidateQueries({ queryKey: [name, id] });
  }, [queries, id, state]);
}
