import { Link, useLocation } from "@tanstack/react-router";
import { buttonLook } from "./button";

/** Stands where a button would, for whoever has to log in first: they come back to the page they were on. */
export function LogInLink({ children }: { children: string }) {
  const here = useLocation({ select: (location) => location.href });
  return (
    <Link to="/login" search={{ to: here }} className={buttonLook("primary", "large")}>
      {children}
    </Link>
  );
}
