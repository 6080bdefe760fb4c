/** The sportsbook's slip: selections that are being thought about, as singles or together. It outlives the page it began on. */
import { useCallback, useSyncExternalStore } from "react";

export interface Picked {
  readonly eventId: string;
  readonly eventTitle: string;
  readonly market: string;
  readonly marketName: string;
  readonly selection: string;
  readonly selectionName: string;
  /** The odds that the bettor saw and agreed to. */
  readonly seen: number;
}

export type Accept = "any" | "better" | "none";

export interface SlipState {
  readonly picked: readonly Picked[];
  readonly isTogether: boolean;
  readonly accept: Accept;
}

const KEY = "evens.sports-slip";
const NOTHING: SlipState = { picked: [], isTogether: false, accept: "better" };
const listeners = new Set<() => void>();
let state = read();

function read(): SlipState {
  try {
    return { ...NOTHING, ...(JSON.parse(sessionStorage.getItem(KEY) ?? "{}") as Partial<SlipState>) };
  } catch {
    return NOTHING;
  }
}

function become(next: SlipState): void {
  state = next;
  try {
    sessionStorage.setItem(KEY, JSON.stringify(state));
  } catch {
    // Then it is gone with the page.
  }
  for (const listener of listeners) listener();
}

export function useSlipState(): SlipState {
  return useSyncExternalStore(
    useCallback((changed) => {
      listeners.add(changed);
      return () => listeners.delete(changed);
    }, []),
    () => state,
  );
}

export function nameOf(picked: Pick<Picked, "eventId" | "market" | "selection">): string {
  return JSON.stringify([picked.eventId, picked.market, picked.selection]);
}

/** Take a selection in, or out if it is in already. */
export function toggle(picked: Picked): void {
  const others = state.picked.filter((each) => nameOf(each) !== nameOf(picked));
  become({ ...state, picked: others.length < state.picked.length ? others : [...others, picked] });
}

export function drop(picked: Picked): void {
  become({ ...state, picked: state.picked.filter((each) => nameOf(each) !== nameOf(picked)) });
}

/** Agree to the odds as they are now. */
export function agree(now: ReadonlyMap<string, number>): void {
  become({
    ...state,
    picked: state.picked.map((each) => ({ ...each, seen: now.get(nameOf(each)) ?? each.seen })),
  });
}

export function clear(): void {
  become({ ...state, picked: [] });
}

export function choose(changes: Partial<Pick<SlipState, "isTogether" | "accept">>): void {
  become({ ...state, ...changes });
}
