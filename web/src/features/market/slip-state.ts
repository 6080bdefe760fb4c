/**
 * The slip: one order that is being thought about. It belongs to a market and is gone with the page.
 *
 * What is in it and what can be done are two contexts: a price that can be pressed needs the second only, and is not drawn
 * again with every letter that is typed.
 */
import { createContext, useCallback, useContext, useEffect, useMemo, useRef, useState } from "react";
import { type Currency, type Draft, type Head, oddsText, oneClickStake, type PricePoint } from "@/core";
import { newKey, useMe, usePreferences } from "@/data";
import { usePlaceOrder } from "./placing";

export type { Draft, PricePoint } from "@/core";

export interface SlipState {
  readonly draft: Draft | undefined;
  /** A price that somebody points at or has the focus on: positions show what it would change. */
  readonly hovered: PricePoint | undefined;
  /** What a press on a price bets at once; `undefined` if it fills in the slip. */
  readonly oneClickStake: string | undefined;
}

export interface SlipActions {
  /** A price was pressed: it is taken into the slip or, with one-click betting and if it may, bet on at once. */
  readonly take: (point: PricePoint, mayBet?: boolean) => void;
  readonly change: (changes: Partial<Draft>) => void;
  readonly clear: () => void;
  readonly hover: (point: PricePoint | undefined) => void;
}

export const SlipStateContext = createContext<SlipState | undefined>(undefined);
export const SlipActionsContext = createContext<SlipActions | undefined>(undefined);

export function useSlip(): SlipState {
  const state = useContext(SlipStateContext);
  if (!state) throw new Error("there is no slip around this");
  return state;
}

export function useSlipActions(): SlipActions {
  const actions = useContext(SlipActionsContext);
  if (!actions) throw new Error("there is no slip around this");
  return actions;
}

/** Make the slip of a market page. */
export function useNewSlip(
  head: Head,
  currency: Currency,
  nameOf: (runner: string) => string,
): readonly [SlipState, SlipActions] {
  const me = useMe();
  const preferences = usePreferences();
  const [draft, setDraft] = useState<Draft>();
  const [hovered, hover] = useState<PricePoint>();
  const atOnce = me?.id ? oneClickStake(preferences, currency.code) : undefined;
  const place = usePlaceOrder(head, currency, nameOf);
  const latest = useRef({ atOnce, place });
  useEffect(() => {
    latest.current = { atOnce, place };
  });

  const take = useCallback((point: PricePoint, mayBet = true) => {
    const now = latest.current;
    if (now.atOnce === undefined || !mayBet) {
      setDraft((before) => ({
        ...point,
        stake: before?.stake ?? "",
        byLiability: before?.byLiability ?? false,
      }));
      // Two presses in a row are one bet: the second was meant for the first, or for a price that has moved since.
    } else if (!now.place.isPending) {
      now.place.mutate({
        ...point,
        odds: oddsText(point.odds),
        stake: now.atOnce,
        key: newKey(),
        tells: true,
      });
    }
  }, []);

  const state = useMemo(() => ({ draft, hovered, oneClickStake: atOnce }), [draft, hovered, atOnce]);
  const actions = useMemo(
    () => ({
      take,
      change: (changes: Partial<Draft>) => setDraft((before) => before && { ...before, ...changes }),
      clear: () => setDraft(undefined),
      hover,
    }),
    [take],
  );
  return [state, actions];
}
