import type { Round } from "@/data";
import { Badge } from "@/ui";

/** How a round stands, in a word, and with a sign besides the colour. */
export function RoundBadge({ round }: { round: Round }) {
  if (round.status === "open") return <Badge tone="good">Open</Badge>;
  if (round.status === "locked") return <Badge tone="warn">Locked</Badge>;
  if (round.status === "void") return <Badge>Void</Badge>;
  return <Badge tone="good">{round.result === "up" ? "↑ Up" : "↓ Down"}</Badge>;
}

/** From which price to which. */
export function Prices({ round }: { round: Round }) {
  if (!round.closing_price) return <span className="text-ink-faint">–</span>;
  return (
    <span className="tabular-nums whitespace-nowrap">
      {round.reference_price ?? "?"} → {round.closing_price}
    </span>
  );
}
