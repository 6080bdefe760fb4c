/** The way to the page of a thing that something is about: one place knows which page that is. */
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";

export interface Thing {
  readonly kind: "market" | "event" | "pool" | "round" | "challenge" | "bet";
  /** As the API gives it; of a round its pool and code, as `nasdaq/20261120`. */
  readonly id: string;
}

export function ThingLink({
  kind,
  id,
  className,
  children,
}: Thing & { className: string; children: ReactNode }) {
  switch (kind) {
    case "market":
      return (
        <Link to="/markets/$market" params={{ market: id }} className={className}>
          {children}
        </Link>
      );
    case "event":
      return (
        <Link to="/sports/$event" params={{ event: id }} className={className}>
          {children}
        </Link>
      );
    case "pool":
      return (
        <Link to="/pools/$pool" params={{ pool: id }} className={className}>
          {children}
        </Link>
      );
    case "round": {
      const [pool = "", code = ""] = id.split("/");
      return (
        <Link to="/pools/$pool/$code" params={{ pool, code }} className={className}>
          {children}
        </Link>
      );
    }
    case "challenge":
      return (
        <Link to="/c/$token" params={{ token: id }} className={className}>
          {children}
        </Link>
      );
    case "bet":
      return (
        <Link to="/bets" search={{ status: "all", bet: id }} className={className}>
          {children}
        </Link>
      );
  }
}
