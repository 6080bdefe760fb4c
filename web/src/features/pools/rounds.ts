/** Rounds of pools: the current one live from the stream, the others read. */
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useCallback, useState } from "react";
import { type ErrorMessage, KeyedStore, minorOf, type Sides, type StateMessage } from "@/core";
import { call, http, type Schemas, useChannel, useStored } from "@/data";

export type Round = Schemas["Round"];
export type Pool = Schemas["PoolShown"];

export function usePools() {
  return useQuery({
    queryKey: ["pools"],
    queryFn: ({ signal }) => call(http.GET("/v1/pools", { signal })),
  });
}

type RoundMessage = StateMessage & Partial<Round> & { readonly previous?: Partial<Round> | null };

interface Followed {
  readonly round: Round | null;
  readonly previous: Round | null;
}

/** Return a pool's current round and the one before, live; `undefined` until they are known. */
export function useCurrentRound(pool: string): Followed | undefined {
  const [store] = useState(() => new KeyedStore<Followed>());
  const take = useCallback(
    (message: StateMessage) => {
      const {
        type,
        channel: _channel,
        id: _id,
        seq: _seq,
        prev_seq: _prev,
        previous,
        ...fields
      } = message as RoundMessage;
      const before = type === "snapshot" ? undefined : store.get("now");
      const isAnother = fields.code !== undefined && fields.code !== before?.round?.code;
      const round =
        isAnother || !before?.round
          ? fields.code
            ? (fields as Round)
            : null
          : { ...before.round, ...fields };
      const older =
        previous === undefined
          ? before?.previous
          : previous === null
            ? null
            : ({ ...before?.previous, ...previous } as Round);
      store.set("now", { round, previous: older ?? null });
    },
    [store],
  );
  const refused = useCallback(
    (_error: ErrorMessage) => store.set("now", { round: null, previous: null }),
    [store],
  );
  useChannel("round", pool, take, refused);
  return useStored(store, "now");
}

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
    refetchInterval: (query) =>
      query.state.data?.status === "open" || query.state.data?.status === "locked" ? 2_000 : false,
  });
}

export function sidesOf(round: Round, scale: number): Sides {
  return { up: minorOf(round.sides.up.staked, scale), down: minorOf(round.sides.down.staked, scale) };
}
