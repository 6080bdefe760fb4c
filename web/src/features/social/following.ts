/** Whom one follows, and what became of their bets: asking for it, and the words for it. */
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { call, http, type Schemas } from "@/data";

export type Follow = Schemas["Follow"];
export type Copied = Schemas["Copy"];

/** How often what is used of limits, and what was copied, is asked for while one looks at it. */
const EVERY_MS = 5_000;
const FOLLOWS_MAX = 200;

/** Return one's follows, the newest first; none for whoever has no account. */
export function useFollows(isWanted: boolean) {
  return useQuery({
    queryKey: ["follows"],
    queryFn: ({ signal }) =>
      call(http.GET("/v1/follows", { params: { query: { limit: FOLLOWS_MAX } }, signal })),
    enabled: isWanted,
    refetchInterval: EVERY_MS,
  });
}

export function useFollow(id: string) {
  return useQuery({
    queryKey: ["follows", id],
    queryFn: ({ signal }) => call(http.GET("/v1/follows/{id}", { params: { path: { id } }, signal })),
    refetchInterval: EVERY_MS,
  });
}

/** Return what became of the leader's bets, page by page, the newest first. */
export function useCopies(id: string) {
  return useInfiniteQuery({
    queryKey: ["follows", id, "copies"],
    queryFn: ({ pageParam, signal }) =>
      call(
        http.GET("/v1/follows/{id}/copies", {
          params: { path: { id }, query: { limit: 30, ...(pageParam ? { after: pageParam } : {}) } },
          signal,
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (last) => last.next ?? undefined,
    refetchInterval: EVERY_MS,
  });
}

export const PRODUCT_NAMES: Readonly<Record<Copied["product"], string>> = {
  exchange: "Exchange",
  sportsbook: "Sportsbook",
  pools: "Pools",
};

/** How a follow stands. */
const STATUSES = {
  active: ["Copying", "good"],
  paused: ["Paused", "warn"],
  ended: ["Ended", "neutral"],
} as const;

export function statusOf(follow: Follow): readonly [string, "good" | "warn" | "neutral" | "bad"] {
  return follow.paused_by === "stop_loss" ? ["Stopped at a loss", "bad"] : STATUSES[follow.status];
}

/** What became of a bet of the leader. */
export const OUTCOMES = {
  copied: ["Copied", "good"],
  pending: ["Waiting", "warn"],
  skipped: ["Skipped", "neutral"],
} as const;

/** Why a bet was not copied. */
export const REASONS: Readonly<Record<NonNullable<Copied["reason"]>, string>> = {
  not_following: "Copying had ended.",
  paused: "Copying was paused.",
  stop_loss: "Your stop-loss was reached.",
  expired: "It was a minute too late.",
  loop: "The leader's bet was itself a copy.",
  restricted: "One of you may not bet now.",
  not_allowed: "The leader, or your limits, do not allow it there.",
  currency: "It is in another currency.",
  market_closed: "Nothing could be bet there any more.",
  below_minimum: "Your stake would be below the smallest one; it is never rounded up.",
  slippage: "The odds were worse than you allow.",
  cap: "It would have risked more than one copy may.",
  daily_cap: "The day's limit was reached.",
  allocation: "What you set aside is used up.",
  funds: "You did not have enough money.",
  own_order: "It would have met an order of your own.",
  stake_limit: "The house takes no such stake of you.",
  refused: "It was refused.",
  failed: "Something went wrong on our side, and the operator knows.",
  lapsed: "Nobody matched it.",
};
