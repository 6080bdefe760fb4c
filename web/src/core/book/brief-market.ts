/**
 * A market in brief, as the stream's `lobby` channel tells of it: status, and the best price of each side of each runner.
 *
 * Names do not come with it; they are in the list that the page has asked for.
 */
import { oddsOf } from "../odds/odds";
import type { ErrorMessage, Level, LobbyMessage, StateMessage, StreamRunner } from "../stream/protocol";
import { KeyedStore, type Schedule } from "./store";

export interface BriefRunner {
  readonly status: string;
  readonly back: number | undefined;
  readonly lay: number | undefined;
  readonly lastOdds: number | undefined;
  readonly matched: string;
}

export interface Brief {
  readonly status: string;
  readonly isWorking: boolean;
  readonly runners: ReadonlyMap<string, BriefRunner>;
}

/** The one key of a brief market's store. */
export const BRIEF = "brief";

export class BriefMarket {
  readonly store: KeyedStore<Brief>;

  constructor(schedule?: Schedule) {
    this.store = new KeyedStore(schedule);
  }

  take(message: StateMessage): void {
    const { type, status, working, runners } = message as LobbyMessage;
    const before = type === "snapshot" ? undefined : this.store.get(BRIEF);
    const now = new Map(before?.runners);
    for (const each of runners) now.set(each.id, briefOf(each));
    this.store.set(BRIEF, {
      status: status ?? before?.status ?? "open",
      isWorking: working ?? before?.isWorking ?? false,
      runners: now,
    });
  }

  refused(_error: ErrorMessage): void {
    this.store.delete(BRIEF);
  }
}

function briefOf(runner: StreamRunner): BriefRunner {
  return {
    status: runner.status ?? "active",
    back: bestOf(runner.to_back),
    lay: bestOf(runner.to_lay),
    lastOdds: runner.last_odds ? oddsOf(runner.last_odds) : undefined,
    matched: runner.matched ?? "",
  };
}

function bestOf(levels: readonly Level[] | undefined): number | undefined {
  const odds = levels?.[0]?.[0];
  return odds === undefined ? undefined : oddsOf(odds);
}
