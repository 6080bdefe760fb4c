/** How the stakes of a round are split between up and down: a bar, and the same in words. */
import { ArrowDown, ArrowUp } from "lucide-react";
import { counted, percentages } from "@/core";
import { type Round, useCurrency } from "@/data";
import { Money } from "@/ui";
import { sidesOf } from "./rounds";

export function SplitBar({ round }: { round: Round }) {
  const { scale } = useCurrency(round.currency);
  const percent = percentages(sidesOf(round, scale));
  const side = (name: "up" | "down") => (
    <span className={`flex flex-col ${name === "down" ? "items-end text-end" : ""}`}>
      <span className="flex items-center gap-1 text-sm font-semibold">
        {name === "up" ? (
          <ArrowUp size={16} aria-hidden="true" />
        ) : (
          <ArrowDown size={16} aria-hidden="true" />
        )}
        {name === "up" ? "Up" : "Down"} {percent ? `${percent[name]} %` : ""}
      </span>
      <span className="text-2xs text-ink-soft">
        <Money amount={round.sides[name].staked} code={round.currency} /> in{" "}
        {counted(round.sides[name].bets, "bet")}
      </span>
    </span>
  );
  return (
    <div className="flex flex-col gap-2">
      <div className="flex justify-between gap-4">
        {side("up")}
        {side("down")}
      </div>
      <div className="flex h-2.5 overflow-hidden rounded-full bg-sunken" aria-hidden="true">
        <div
          className="bg-accent transition-[width] duration-300"
          style={{ width: `${percent?.up ?? 0}%` }}
        />
        {percent && <div className="flex-1 bg-line-strong" />}
      </div>
    </div>
  );
}
