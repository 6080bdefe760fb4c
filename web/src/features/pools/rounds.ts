/** Rounds that are over, read. The current one is live: `useCurrentRound`. */
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { minorOf, type Sides } from "@/core";
import { call, http, type Round } from "@/data";

export function useRounds(pool: string) {
  return useInfiniteQuery({
    queryKey: ["rounds", pool],
    queryFn: ({ pageParam, signal }) =>
      call(
        http.GET("/v1/pools/{pool}/rounds", {
          params: { path: { pool }, query: { limit: 20, ...(pageParam ? { after: pageParam } : {}) } },
          signal,
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (last) => last.next ?? undefined,
    refetchInterval: 15_000,
  });
}

export function useRound(pool: string, code: string) {
  return useQuery({
    queryKey: ["round", pool, code],
    queryFn: ({ signal }) =>
      call(http.GET("/v1/pools/{pool}/rounds/{code}", { params: { path: { pool, code } }, signal })),
    // One that is over can still be corrected.
    refetchInterval: (query) =>
      query.state.data?.status === "open" || query.state.data?.status === "locked" ? 2_000 : 15_000,
  });
}

export function sidesOf(round: Round, scale: number): Sides {
  return { up: minorOf(round.sides.up.staked, scale), down: minorOf(round.sides.down.staked, scale) };
}
