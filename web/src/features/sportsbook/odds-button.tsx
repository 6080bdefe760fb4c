/** A selection with its odds: pressed, it is in the slip. When the odds move it flashes, and an arrow says which way. */

import { ArrowDown, ArrowUp } from "lucide-react";
import { useState } from "react";
import { oddsOf } from "@/core";
import type { EventHead, EventMarket, Selection } from "@/data";
import { classes, Odds, useFade } from "@/ui";
import { nameOf, type Picked, toggle, useSlipState } from "./slip-store";

export function OddsButton({
  event,
  market,
  selection,
  enabled,
}: {
  event: EventHead;
  market: EventMarket;
  selection: Selection;
  enabled: boolean;
}) {
  const { picked } = useSlipState();
  const odds = oddsOf(selection.odds);
  const direction = useDirection(odds);
  const shown = useFade<HTMLSpanElement>(odds);
  const pick: Picked = {
    eventId: event.id,
    eventTitle: event.title,
    market: market.key,
    marketName: market.name,
    selection: selection.key,
    selectionName: selection.name,
    seen: odds,
  };
  const isPicked = picked.some((each) => nameOf(each) === nameOf(pick));
  const isPriced = selection.status !== "removed" && odds > 100;
  const can = enabled && selection.status === "open" && isPriced;
  const Arrow = direction === "up" ? ArrowUp : ArrowDown;
  return (
    <button
      type="button"
      aria-pressed={isPicked}
      disabled={!can && !isPicked}
      onClick={() => toggle(pick)}
      className={classes(
        "flex min-h-11 min-w-0 flex-wrap items-center justify-between gap-x-2 rounded-md border px-2.5 text-sm disabled:opacity-55",
        isPicked
          ? "border-accent bg-accent text-on-accent"
          : "border-line-strong bg-raised hover:bg-accent-soft",
      )}
    >
      <span className="max-w-full truncate">{selection.name}</span>
      <span ref={shown} className="ms-auto flex items-center gap-0.5 font-semibold">
        {isPriced && direction && <Arrow size={12} aria-hidden="true" />}
        {isPriced ? <Odds odds={odds} /> : "–"}
      </span>
    </button>
  );
}

/** Which way a number went when it changed last. */
function useDirection(value: number): "up" | "down" | undefined {
  const [seen, setSeen] = useState<{ value: number; direction?: "up" | "down" }>({ value });
  if (seen.value === value) return seen.direction;
  const direction = value > seen.value ? "up" : "down";
  setSeen({ value, direction });
  return direction;
}
