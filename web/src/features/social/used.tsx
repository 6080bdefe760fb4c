/** What is used of a limit: a bar, and the same in words. */
import { leftOf } from "@/core";
import { useCurrency } from "@/data";
import { Money } from "@/ui";

export function Used({
  label,
  used,
  all,
  currency,
}: {
  label: string;
  used: string;
  all: string;
  currency: string;
}) {
  const { scale } = useCurrency(currency);
  const { left, usedPercent } = leftOf(all, used, scale);
  return (
    <div className="flex flex-col gap-1">
      <p className="flex flex-wrap items-baseline justify-between gap-x-3 text-xs">
        <span className="text-ink-soft">{label}</span>
        <span>
          <Money amount={used} /> of <Money amount={all} code={currency} />
        </span>
      </p>
      <div className="flex h-1.5 overflow-hidden rounded-full bg-sunken" aria-hidden="true">
        <div
          className={usedPercent >= 100 ? "bg-danger" : "bg-accent"}
          style={{ width: `${usedPercent}%` }}
        />
      </div>
      <p className="text-2xs text-ink-soft">
        <Money amount={left} code={currency} /> left
      </p>
    </div>
  );
}
