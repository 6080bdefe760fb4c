/** Pools and their current rounds, live: the stream's `round` channel follows a pool from one round to the next. */
import { useQuery } from "@tanstack/react-query";
import { call, http, type Schemas } from "@/api/client";
import { type ErrorMessage, KeyedStore, type StateMessage } from "@/core";
import { Shared, useShared, useStored } from "./live";

export type Round = Schemas["Round"];
export type Pool = Schemas["PoolShown"];

export function usePools() {
  return useQuery({
    queryKey: ["pools"],
    queryFn: ({ signal }) => call(http.GET("/v1/pools", { signal })),
    refetchInterval: 60_000,
  });
}

type RoundMessage = StateMessage & Partial<Round> & { readonly previous?: Partial<Round> | null };

interface Followed {
  readonly round: Round | null;
  readonly previous: Round | null;
}

const NOW = "now";

class CurrentRound {
  readonly store = new KeyedStore<Followed>();

  take(message: StateMessage): void {
    const {
      type,
      channel: _channel,
      id: _id,
      seq: _seq,
      prev_seq: _prev,
      previous,
      ...fields
    } = message as RoundMessage;
    const before = type === "snapshot" ? undefined : this.store.get(NOW);
    const isAnother = fields.code !== undefined && fields.code !== before?.round?.code;
    const round =
      isAnother || !before?.round ? (fields.code ? (fields as Round) : null) : { ...before.round, ...fields };
    const older =
      previous === undefined
        ? before?.previous
        : previous === null
          ? null
          : ({ ...before?.previous, ...previous } as Round);
    this.store.set(NOW, { round, previous: older ?? null });
  }

  refused(_error: ErrorMessage): void {
    this.store.set(NOW, { round: null, previous: null });
  }
}

const rounds = new Shared("round", () => new CurrentRound());

/** Return a pool's current round and the one before, live; `undefined` until they are known. */
export function useCurrentRound(pool: string): Followed | undefined {
  return useStored(useShared(rounds, pool).store, NOW);
}
