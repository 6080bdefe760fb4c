/** What was settled, as a way to it where everybody may go. */
import { Link } from "@tanstack/react-router";
import type { Schemas } from "@/data";

type Settled = Pick<Schemas["Settled"], "product" | "id" | "title">;

export function SettledLink({ product, id, title }: Settled) {
  const name = title ?? id;
  const [pool, code] = id.split("/");
  if (product === "exchange") {
    return (
      <Link to="/markets/$market" params={{ market: id }} className="hover:underline">
        {name}
      </Link>
    );
  }
  if (product === "pools" && pool && code) {
    return (
      <Link to="/pools/$pool/$code" params={{ pool, code }} className="hover:underline">
        {name}
      </Link>
    );
  }
  if (id.startsWith("bet_")) return name;
  return (
    <Link to="/sports/$event" params={{ event: id }} className="hover:underline">
      {name}
    </Link>
  );
}
