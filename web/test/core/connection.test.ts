/** The page's one WebSocket: who is told what, gaps, silence, and coming back. */
import { beforeEach, describe, expect, test } from "vitest";
import { Connection, type ErrorMessage, type Follower, type StateMessage, type World } from "@/core";

class FakeSocket {
  readyState: number = WebSocket.CONNECTING;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: (() => void) | null = null;
  readonly sent: Record<string, unknown>[] = [];

  send(text: string): void {
    this.sent.push(JSON.parse(text) as Record<string, unknown>);
  }

  close(): void {
    this.readyState = WebSocket.CLOSED;
  }

  accept(): void {
    this.readyState = WebSocket.OPEN;
    this.onopen?.();
  }

  say(message: object): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }

  break(): void {
    this.readyState = WebSocket.CLOSED;
    this.onclose?.();
  }
}

class FakeWorld implements World {
  readonly sockets: FakeSocket[] = [];
  readonly waiting: { at: number; work: () => void }[] = [];
  time = 0;

  open(): WebSocket {
    const socket = new FakeSocket();
    this.sockets.push(socket);
    return socket as unknown as WebSocket;
  }

  now(): number {
    return this.time;
  }

  later(work: () => void, milliseconds: number): () => void {
    const entry = { at: this.time + milliseconds, work };
    this.waiting.push(entry);
    return () => {
      const place = this.waiting.indexOf(entry);
      if (place >= 0) this.waiting.splice(place, 1);
    };
  }

  pass(milliseconds: number): void {
    const until = this.time + milliseconds;
    for (;;) {
      const next = this.waiting.filter((each) => each.at <= until).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.waiting.splice(this.waiting.indexOf(next), 1);
      this.time = next.at;
      next.work();
    }
    this.time = until;
  }

  get last(): FakeSocket {
    const socket = this.sockets.at(-1);
    if (!socket) throw new Error("nothing was opened");
    return socket;
  }
}

class Heard implements Follower {
  readonly messages: StateMessage[] = [];
  readonly errors: ErrorMessage[] = [];
  take(message: StateMessage): void {
    this.messages.push(message);
  }
  refused(error: ErrorMessage): void {
    this.errors.push(error);
  }
}

const SUBSCRIBE = { op: "subscribe", channel: "market", id: "mkt_1" };
const UNSUBSCRIBE = { op: "unsubscribe", channel: "market", id: "mkt_1" };
const snapshot = (seq: number) => ({ type: "snapshot", channel: "market", id: "mkt_1", seq, runners: [] });
const delta = (prev: number, seq: number) => ({
  type: "delta",
  channel: "market",
  id: "mkt_1",
  prev_seq: prev,
  seq,
  runners: [],
});

let world: FakeWorld;
let connection: Connection;

beforeEach(() => {
  world = new FakeWorld();
  connection = new Connection(world);
});

describe("following", () => {
  test("a snapshot and what goes on from it are passed on", () => {
    const heard = new Heard();
    connection.follow("market", "mkt_1", heard);
    world.last.accept();
    expect(world.last.sent).toEqual([SUBSCRIBE]);
    world.last.say(snapshot(10));
    world.last.say(delta(10, 12));
    expect(heard.messages.map((each) => each.seq)).toEqual([10, 12]);
  });

  test("a gap is never passed on; the subscription begins anew", () => {
    const heard = new Heard();
    connection.follow("market", "mkt_1", heard);
    world.last.accept();
    world.last.say(snapshot(10));
    world.last.say(delta(11, 12));
    expect(heard.messages).toHaveLength(1);
    expect(world.last.sent.slice(1)).toEqual([UNSUBSCRIBE, SUBSCRIBE]);
    // What was still under way of the old subscription comes before the new snapshot, and is passed over.
    world.last.say(delta(12, 13));
    expect(heard.messages).toHaveLength(1);
    world.last.say(snapshot(20));
    expect(heard.messages.map((each) => each.seq)).toEqual([10, 20]);
  });

  test("two who show the same share a subscription, and the last to go ends it", () => {
    const one = new Heard();
    const other = new Heard();
    const letGoOfOne = connection.follow("market", "mkt_1", one);
    world.last.accept();
    world.last.say(snapshot(1));
    const letGoOfOther = connection.follow("market", "mkt_1", other);
    world.last.say(snapshot(2));
    expect(other.messages.map((each) => each.seq)).toEqual([2]);
    letGoOfOne();
    world.last.say(delta(2, 3));
    expect(other.messages.map((each) => each.seq)).toEqual([2, 3]);
    letGoOfOther();
    expect(connection.state).toBe("idle");
  });

  test("what does not exist is told once and not asked for again", () => {
    const heard = new Heard();
    connection.follow("market", "mkt_1", heard);
    world.last.accept();
    world.last.say({ type: "error", code: "market_unknown", detail: "…", channel: "market", id: "mkt_1" });
    world.pass(60_000);
    expect(heard.errors.map((each) => each.code)).toEqual(["market_unknown"]);
  });

  test("a server that asks to come again is asked again", () => {
    connection.follow("market", "mkt_1", new Heard());
    world.last.accept();
    world.last.say({
      type: "error",
      code: "resync",
      detail: "…",
      channel: "market",
      id: "mkt_1",
      retry_after_s: 1,
    });
    world.last.say({ type: "heartbeat", at: "" });
    world.pass(1_000);
    expect(world.last.sent).toEqual([SUBSCRIBE, SUBSCRIBE]);
  });
});

describe("coming back", () => {
  test("a lost connection is opened again and everything followed anew", () => {
    const heard = new Heard();
    connection.follow("market", "mkt_1", heard);
    world.last.accept();
    world.last.say(snapshot(5));
    world.last.break();
    expect(connection.state).toBe("lost");
    world.pass(300);
    expect(world.sockets).toHaveLength(2);
    world.last.accept();
    world.last.say(snapshot(9));
    expect(heard.messages.map((each) => each.seq)).toEqual([5, 9]);
    expect(connection.state).toBe("live");
  });

  test("pauses grow while the server is away, and end at once with the network's return", () => {
    connection.follow("market", "mkt_1", new Heard());
    for (let turn = 0; turn < 8; turn += 1) {
      world.last.break();
      world.pass(10_000);
    }
    const opened = world.sockets.length;
    world.last.break();
    world.pass(1_000);
    expect(world.sockets).toHaveLength(opened);
    connection.nudge();
    expect(world.sockets).toHaveLength(opened + 1);
  });

  test("silence for more than two heartbeats is a lost connection", () => {
    connection.follow("market", "mkt_1", new Heard());
    world.last.accept();
    world.pass(10_000);
    expect(connection.state).toBe("live");
    world.pass(10_000);
    expect(world.sockets.length).toBeGreaterThan(1);
  });
});

describe("who one is", () => {
  test("the page's cookie is shown before anything is followed", () => {
    connection.identify(true);
    connection.follow("account", undefined, new Heard());
    world.last.accept();
    expect(world.last.sent).toEqual([{ op: "auth" }]);
    world.last.say({ type: "authenticated", user_id: "usr_7" });
    expect(world.last.sent.slice(1)).toEqual([{ op: "subscribe", channel: "account" }]);
  });

  test("a session that has ended does not keep public things from being followed", () => {
    connection.identify(true);
    connection.follow("market", "mkt_1", new Heard());
    world.last.accept();
    world.last.say({ type: "error", code: "not_authenticated", detail: "…" });
    expect(world.last.sent.slice(1)).toEqual([SUBSCRIBE]);
  });

  test("a cookie that a server does not know before it is ready is shown again", () => {
    connection.identify(true);
    connection.follow("market", "mkt_1", new Heard());
    world.last.accept();
    const asked = world.last.sent.length;
    world.last.say({ type: "error", code: "starting", detail: "…", retry_after_s: 1 });
    expect(world.last.sent.slice(asked)).toEqual([]);
    world.pass(1_000);
    expect(world.last.sent.slice(asked)).toEqual([{ op: "auth" }]);
    world.last.say({ type: "authenticated", user_id: "usr_7" });
    expect(world.last.sent.slice(asked + 1)).toEqual([SUBSCRIBE]);
  });

  test("an account's messages reach whoever follows their own", () => {
    const heard = new Heard();
    connection.identify(true);
    connection.follow("account", undefined, heard);
    world.last.accept();
    world.last.say({ type: "authenticated", user_id: "usr_7" });
    world.last.say({ type: "snapshot", channel: "account", id: "usr_7", seq: 3 });
    world.last.say({ type: "delta", channel: "account", id: "usr_7", prev_seq: 3, seq: 4 });
    expect(heard.messages.map((each) => each.seq)).toEqual([3, 4]);
  });
});
