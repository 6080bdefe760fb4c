/** The messages of `/v1/stream` (docs/stream.md). They are trusted as they are: checking each against a schema costs more
 * than applying it, and what does not fit shows as a gap, after which everything is read anew. */

export type ChannelName = "market" | "lobby" | "events" | "event" | "round" | "leaderboard" | "account";

/** A snapshot or a delta of one subscription, with the fields of its channel. */
export interface StateMessage {
  readonly type: "snapshot" | "delta";
  readonly channel: ChannelName;
  readonly id: string;
  readonly seq: number;
  readonly prev_seq?: number;
}

export interface ErrorMessage {
  readonly type: "error";
  readonly code: string;
  readonly detail: string;
  readonly channel?: ChannelName;
  readonly id?: string;
  readonly retry_after_s?: number;
}

export type ServerMessage =
  | StateMessage
  | ErrorMessage
  | { readonly type: "authenticated"; readonly user_id: string | null }
  | { readonly type: "unsubscribed" }
  | { readonly type: "heartbeat"; readonly at: string };

/** A price and what waits at it: `["2.50", "10.00"]`. */
export type Level = readonly [odds: string, size: string];

export interface StreamRunner {
  readonly id: string;
  readonly name?: string;
  readonly status?: string;
  readonly reduction_bps?: number | null;
  readonly last_odds?: string | null;
  readonly matched?: string;
  readonly to_back?: readonly Level[];
  readonly to_lay?: readonly Level[];
}

export interface StreamTrade {
  readonly id: string;
  readonly runner_id: string;
  readonly odds: string;
  readonly size: string;
  readonly taker_side: "back" | "lay";
  readonly at: string;
}

export interface MarketMessage extends StateMessage {
  readonly channel: "market";
  readonly name?: string;
  readonly event?: string | null;
  readonly starts_at?: string;
  readonly currency?: string;
  readonly winners?: number;
  readonly commission_bps?: number;
  readonly ladder?: string;
  readonly min_stake?: string;
  readonly bet_delay_ms?: number;
  readonly status?: string;
  readonly working?: boolean;
  readonly version?: number;
  readonly runners: readonly StreamRunner[];
  readonly trades?: readonly StreamTrade[];
}

/** A market in brief. A runner is whole in every message: an empty list means that nothing waits on that side. */
export interface LobbyMessage extends StateMessage {
  readonly status?: string;
  readonly working?: boolean;
  readonly runners: readonly StreamRunner[];
}
