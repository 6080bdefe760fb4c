/** How somebody's profits added up, day by day: drawn, and as a table. */
import type { Schemas } from "@/data";
import { Day, Money, Table } from "@/ui";

type Point = Schemas["EquityPoint"];

const WIDTH = 600;
const HEIGHT = 140;
const EDGE = 6;

export function EquityCurve({ points }: { points: readonly Point[] }) {
  return (
    <div className="flex flex-col gap-2">
      <Drawing points={points} />
      <details>
        <summary className="target text-xs text-ink-soft">The same as a table</summary>
        <Table
          label="Equity by day"
          rows={[...points].reverse()}
          rowKey={(point) => point.day}
          columns={[
            { key: "day", head: "Day (UTC)", cell: (point) => <Day day={point.day} /> },
            {
              key: "profit",
              head: "Profit",
              isNumber: true,
              cell: (point) => <Money amount={point.profit} tone />,
            },
            {
              key: "equity",
              head: "Together",
              isNumber: true,
              cell: (point) => <Money amount={point.equity} tone />,
            },
          ]}
        />
      </details>
    </div>
  );
}

function Drawing({ points }: { points: readonly Point[] }) {
  const first = points[0];
  if (!first) return null;
  // Before the first of these days there was something already, unless they are all.
  const values = [
    Number(first.equity) - Number(first.profit),
    ...points.map((point) => Number(point.equity)),
  ];
  const [low, high] = [Math.min(0, ...values), Math.max(0, ...values)];
  const across = (place: number) => EDGE + (place * (WIDTH - 2 * EDGE)) / Math.max(values.length - 1, 1);
  const up = (value: number) => HEIGHT - EDGE - ((value - low) * (HEIGHT - 2 * EDGE)) / (high - low || 1);
  const path = values.map(
    (value, place) => `${place ? "L" : "M"}${across(place).toFixed(1)} ${up(value).toFixed(1)}`,
  );
  const isUp = (values.at(-1) ?? 0) >= 0;
  return (
    <svg
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      className={isUp ? "w-full text-profit" : "w-full text-loss"}
      aria-hidden="true"
    >
      <line
        x1={EDGE}
        x2={WIDTH - EDGE}
        y1={up(0)}
        y2={up(0)}
        className="stroke-line-strong"
        strokeDasharray="4 4"
      />
      <path d={path.join(" ")} fill="none" stroke="currentColor" strokeWidth={2} strokeLinejoin="round" />
    </svg>
  );
}
