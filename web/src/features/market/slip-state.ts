/** The slip: one order that is being thought about. It belongs to a market and is gone with the page. */
import { createContext, useContext } from "react";
import type { Side } from "@/core";

export interface Draft {
  readonly runner: string;
  readonly side: Side;
  readonly odds: number;
  /** As typed. */
  readonly stake: string;
}

export interface Slip {
  readonly draft: Draft | undefined;
  /** Take a price into the slip, or change what is in it. */
  set(draft: Draft | undefined): void;
  change(changes: Partial<Draft>): void;
  /** A price that somebody points at or has the focus on: positions show what it would change. */
  readonly hovered: Pick<Draft, "runner" | "side" | "odds"> | undefined;
  hover(price: Pick<Draft, "runner" | "side" | "odds"> | undefined): void;
}

export const SlipContext = createContext<Slip | undefined>(undefined);

export function useSlip(): Slip {
  const slip = useContext(SlipContext);
  if (!slip) throw new Error("there is no slip around this");
  return slip;
}
