/** A leaderboard as the stream tells it: whole at first, then the places that change. */
import type { StateMessage } from "@/core";
import type { Schemas } from "@/data";

export type Board = Schemas["Leaderboard"];

/** Return the board after a message; `undefined` if it goes on from one that is not known. */
export function boardAfter(before: Board | undefined, message: StateMessage): Board | undefined {
  const told = message as StateMessage & Board & { readonly gone?: readonly string[] };
  const { since, as_of, items } = told;
  if (message.type === "snapshot")
    return { since, as_of, items, currency: told.currency, minimum: told.minimum };
  if (!before) return undefined;
  const left = new Set([...(told.gone ?? []), ...items.map((leader) => leader.username)]);
  const places = [...before.items.filter((leader) => !left.has(leader.username)), ...items];
  return { ...before, since, as_of, items: places.sort((one, other) => one.rank - other.rank) };
}
