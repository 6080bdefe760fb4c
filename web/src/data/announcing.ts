/** Matches of bets that were placed on this page, as they come: whoever waits for a match hears of it wherever they are. */
import { useCallback } from "react";
import { type OwnMatch, useOwnMatches } from "./account";

/** Whoever places a bet says at once what was matched; the stream tells of the same a moment later. */
const SAID_MS = 3_000;

const placed = new Map<string, number>();

/** Take note of an order that was placed here just now, and of which was said what became of it. */
export function notePlaced(order: string): void {
  placed.set(order, Date.now() + SAID_MS);
}

/** Hear of the matches of orders that were placed here, but for those that were told of when they were placed. */
export function useLaterMatches(heard: (match: OwnMatch) => void): void {
  useOwnMatches(
    useCallback(
      (matches: readonly OwnMatch[]) => {
        for (const match of matches) {
          const said = placed.get(match.order_id);
          if (said !== undefined && Date.now() > said) heard(match);
        }
      },
      [heard],
    ),
  );
}
