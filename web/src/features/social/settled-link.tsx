/** What was settled, as a way to it where everybody may go. */
import type { Schemas } from "@/data";
import { ThingLink } from "@/ui";

type Settled = Pick<Schemas["Settled"], "product" | "id" | "title">;

export function SettledLink({ product, id, title }: Settled) {
  const name = title ?? id;
  if (id.startsWith("bet_")) return name;
  const kind = product === "exchange" ? "market" : product === "pools" ? "round" : "event";
  return (
    <ThingLink kind={kind} id={id} className="hover:underline">
      {name}
    </ThingLink>
  );
}
