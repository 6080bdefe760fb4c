import type { ReactNode } from "react";
import { classes } from "./classes";

export interface Column<Row> {
  readonly key: string;
  readonly head: ReactNode;
  readonly cell: (row: Row) => ReactNode;
  /** Numbers stand at the end of their column, so that their digits are under each other. */
  readonly isNumber?: boolean;
  /** Left out where there is little room; `wide`: already where others have enough. */
  readonly isExtra?: boolean | "wide";
}

function look<Row>(column: Column<Row>): string {
  return classes(
    column.isNumber && "text-end whitespace-nowrap",
    column.isExtra && (column.isExtra === "wide" ? "@max-3xl:hidden" : "@max-lg:hidden"),
  );
}

/**
 * Rows under heads. What is extra is left out by the room that the table itself has. Where it does not fit it scrolls by itself, and the page does not: what is only for screen readers is
 * placed within it, too.
 */
export function Table<Row>({
  label,
  columns,
  rows,
  rowKey,
  after,
}: {
  label: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  after?: ReactNode;
}) {
  // Where the extra ones are left out, others stand at the edges.
  const shown = columns.filter((column) => !column.isExtra);
  const edge = (column: Column<Row>) =>
    classes(
      "first:ps-3 last:pe-3",
      column === shown[0] && "@max-lg:ps-3",
      column === shown.at(-1) && "@max-lg:pe-3",
    );
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be scrolled with keys, too.
    <section className="@container relative overflow-x-auto" aria-label={label} tabIndex={0}>
      <table className="w-full border-collapse text-xs">
        <thead>
          <tr className="border-b border-line text-ink-soft">
            {columns.map((column) => (
              <th
                key={column.key}
                scope="col"
                className={classes("px-2 py-1.5 font-medium whitespace-nowrap", edge(column), look(column))}
              >
                {column.head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={rowKey(row)} className="border-b border-line/60 last:border-0 hover:bg-sunken/60">
              {columns.map((column) => (
                <td key={column.key} className={classes("h-11 md:h-7 px-2 py-1", edge(column), look(column))}>
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {after}
    </section>
  );
}
