import type { ReactNode } from "react";
import { Asked, Empty, Panel, type Query } from "@/ui";

/** What every part of the lobby is asked for. */
export interface Part {
  /** What is searched for; empty for everything. */
  readonly words: string;
  /** Whether it is the only part that is shown: then there is room for more. */
  readonly isAlone: boolean;
}

/** A part of the lobby: a list that was asked for, or why there is none. */
export function Section<Item>({
  title,
  found,
  none,
  more,
  row,
  rowKey,
}: {
  title: string;
  found: Query<readonly Item[]>;
  /** What to say if nothing is there, with a way on. */
  none: { title: string; action?: ReactNode };
  more?: ReactNode;
  row: (item: Item) => ReactNode;
  rowKey: (item: Item) => string;
}) {
  return (
    <Panel title={title} actions={more} flush>
      <Asked query={found}>
        {(items) =>
          items.length === 0 ? (
            <Empty title={none.title} action={none.action} />
          ) : (
            <ul>
              {items.map((item) => (
                <li
                  key={rowKey(item)}
                  className="relative border-b border-line/60 last:border-0 hover:bg-sunken/50"
                >
                  {row(item)}
                </li>
              ))}
            </ul>
          )
        }
      </Asked>
    </Panel>
  );
}
