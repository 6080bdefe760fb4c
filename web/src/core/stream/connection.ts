/**
 * The one WebSocket of a page. It opens when something is followed, stays open while anything is, and comes back by
 * itself: after a pause that doubles up to ten seconds, at once when the network or the tab comes back.
 *
 * A subscription is followed until whoever asked lets it go. Each gets its snapshot, then deltas in order; a gap, a lost
 * connection or a server that says `resync` leads to a new snapshot, never to a state with a hole. Silence of more than two
 * heartbeats counts as a lost connection, since some networks drop what they do not like without a word.
 */
import type { ChannelName, ErrorMessage, ServerMessage, StateMessage } from "./protocol";

export type ConnectionState = "idle" | "connecting" | "live" | "lost";

export interface Follower {
  /** A snapshot or a delta that goes on where the message before ended. */
  take(message: StateMessage): void;
  /** There is no such thing, or it is not ours to see. It is not asked for again. */
  refused(error: ErrorMessage): void;
}

interface Subscription {
  readonly channel: ChannelName;
  readonly id: string | undefined;
  readonly followers: Set<Follower>;
  seq: number | undefined;
}

const HEARTBEAT_S = 5;
const SILENCE_MS = 2.4 * HEARTBEAT_S * 1000;
const PAUSE_MS_MIN = 250;
const PAUSE_MS_MAX = 10_000;
const RETRIED: ReadonlySet<string> = new Set([
  "not_leading",
  "database_unavailable",
  "resync",
  "rate_limited",
]);
const CREDENTIAL_ENDED: ReadonlySet<string> = new Set(["not_authenticated", "token_expired"]);

/** Said of a credential that a server does not know before it is ready: it may be shown again. */
const STARTING = "starting";

/** What a connection needs of the world; tests give their own. */
export interface World {
  open(): WebSocket;
  now(): number;
  later(work: () => void, milliseconds: number): () => void;
}

export class Connection {
  readonly #world: World;
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #watchers = new Set<(state: ConnectionState) => void>();
  #socket: WebSocket | undefined;
  #state: ConnectionState = "idle";
  #pauseMs = PAUSE_MS_MIN;
  #heardAt = 0;
  #cancelTimer: () => void = () => {};
  #isKnown = false;
  #wantsCredential = false;

  constructor(world: World) {
    this.#world = world;
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** Call `watcher` whenever the state changes; return how to stop that. */
  watch(watcher: (state: ConnectionState) => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /** Follow a channel; return how to let it go. Several followers share one subscription. */
  follow(channel: ChannelName, id: string | undefined, follower: Follower): () => void {
    const key = keyOf(channel, id);
    let subscription = this.#subscriptions.get(key);
    if (subscription) {
      subscription.followers.add(follower);
      // The newcomer needs a snapshot of its own, which the server sends only to a new subscription.
      this.#resubscribe(subscription);
    } else {
      subscription = { channel, id, followers: new Set([follower]), seq: undefined };
      this.#subscriptions.set(key, subscription);
      if (this.#state === "live") this.#subscribe(subscription);
    }
    if (!this.#socket) this.#open();
    const followed = subscription;
    return () => {
      followed.followers.delete(follower);
      if (followed.followers.size > 0) return;
      this.#subscriptions.delete(key);
      this.#send({ op: "unsubscribe", channel, ...(id === undefined ? {} : { id }) });
      if (this.#subscriptions.size === 0) this.#close("idle");
    };
  }

  /** Say whether somebody is logged in: then the cookie of this page is shown, and accounts can be followed. */
  identify(isLoggedIn: boolean): void {
    if (this.#wantsCredential === isLoggedIn) return;
    this.#wantsCredential = isLoggedIn;
    // In a moment: whoever leaves lets go of what was theirs, and then there may be nothing left to follow.
    if (this.#socket) this.#world.later(() => this.#socket && this.reopen(), 0);
  }

  /** Try at once: the network or the tab came back. */
  nudge(): void {
    if (this.#state === "lost") this.reopen();
    else if (this.#state === "live" && this.#world.now() - this.#heardAt > SILENCE_MS) this.#lose();
  }

  /** Begin anew with everything that is followed. */
  reopen(): void {
    this.#close("connecting");
    if (this.#subscriptions.size > 0) this.#open();
  }

  #open(): void {
    this.#cancelTimer();
    this.#become("connecting");
    const socket = this.#world.open();
    this.#socket = socket;
    this.#isKnown = false;
    socket.onopen = () => {
      this.#heardAt = this.#world.now();
      if (this.#wantsCredential) this.#send({ op: "auth" });
      else this.#begin();
      this.#watchSilence();
    };
    socket.onmessage = (event: MessageEvent<string>) => {
      if (socket !== this.#socket) return;
      this.#heardAt = this.#world.now();
      this.#receive(JSON.parse(event.data) as ServerMessage);
    };
    socket.onclose = () => {
      if (socket === this.#socket) this.#lose();
    };
  }

  /** Subscribe to everything that is followed. */
  #begin(): void {
    this.#isKnown = true;
    this.#pauseMs = PAUSE_MS_MIN;
    this.#become("live");
    for (const subscription of this.#subscriptions.values()) this.#subscribe(subscription);
  }

  #receive(message: ServerMessage): void {
    switch (message.type) {
      case "authenticated":
        if (!this.#isKnown) this.#begin();
        return;
      case "snapshot":
      case "delta":
        this.#pass(message);
        return;
      case "error":
        this.#fail(message);
        return;
      case "heartbeat":
      case "unsubscribed":
        return;
    }
  }

  #pass(message: StateMessage): void {
    const subscription = this.#find(message.channel, message.id);
    if (!subscription) return;
    if (message.type === "delta" && message.prev_seq !== subscription.seq) {
      // A delta of the subscription before this one may still arrive; after the snapshot a gap is a gap.
      if (subscription.seq !== undefined) this.#resubscribe(subscription);
      return;
    }
    subscription.seq = message.seq;
    for (const follower of subscription.followers) follower.take(message);
  }

  #fail(error: ErrorMessage): void {
    if (CREDENTIAL_ENDED.has(error.code) && !this.#isKnown) {
      // The session has ended; what is public is followed all the same, and the page will ask who it is.
      this.#begin();
      return;
    }
    if (error.code === STARTING && !this.#isKnown) {
      this.#world.later(() => this.#send({ op: "auth" }), 1000 * (error.retry_after_s ?? 1));
      return;
    }
    if (error.channel === undefined) return;
    const subscription = this.#find(error.channel, error.id);
    if (!subscription) return;
    if (RETRIED.has(error.code)) {
      subscription.seq = undefined;
      this.#world.later(
        () => {
          if (this.#subscriptions.has(keyOf(subscription.channel, subscription.id)))
            this.#subscribe(subscription);
        },
        1000 * (error.retry_after_s ?? 1),
      );
      return;
    }
    if (error.code === "not_subscribed" || error.code === "already_subscribed") return;
    for (const follower of subscription.followers) follower.refused(error);
  }

  #find(channel: ChannelName, id: string | undefined): Subscription | undefined {
    return this.#subscriptions.get(keyOf(channel, id)) ?? this.#subscriptions.get(keyOf(channel, undefined));
  }

  #subscribe(subscription: Subscription): void {
    subscription.seq = undefined;
    const { channel, id } = subscription;
    this.#send({ op: "subscribe", channel, ...(id === undefined ? {} : { id }) });
  }

  #resubscribe(subscription: Subscription): void {
    if (this.#state !== "live") return;
    const { channel, id } = subscription;
    this.#send({ op: "unsubscribe", channel, ...(id === undefined ? {} : { id }) });
    this.#subscribe(subscription);
  }

  #send(request: object): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(request));
  }

  #watchSilence(): void {
    this.#cancelTimer = this.#world.later(() => {
      if (this.#world.now() - this.#heardAt > SILENCE_MS) this.#lose();
      else this.#watchSilence();
    }, SILENCE_MS / 4);
  }

  #lose(): void {
    this.#close("lost");
    const pause = this.#pauseMs * (0.5 + Math.random() / 2);
    this.#pauseMs = Math.min(2 * this.#pauseMs, PAUSE_MS_MAX);
    this.#cancelTimer = this.#world.later(() => this.#open(), pause);
  }

  #close(next: ConnectionState): void {
    this.#cancelTimer();
    const socket = this.#socket;
    this.#socket = undefined;
    if (socket) {
      socket.onopen = socket.onmessage = socket.onclose = null;
      socket.close();
    }
    for (const subscription of this.#subscriptions.values()) subscription.seq = undefined;
    this.#become(next);
  }

  #become(state: ConnectionState): void {
    if (state === this.#state) return;
    this.#state = state;
    for (const watcher of this.#watchers) watcher(state);
  }
}

function keyOf(channel: ChannelName, id: string | undefined): string {
  return id === undefined ? channel : `${channel} ${id}`;
}
