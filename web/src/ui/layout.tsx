import type { ReactNode } from "react";
import { classes } from "./classes";

/** A part of a page with its heading; `actions` stand beside it. */
export function Panel({
  title,
  actions,
  children,
  className,
  flush = false,
}: {
  title?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
  className?: string;
  /** What is inside comes with its own margins, such as a table; what has failed gets some. */
  flush?: boolean;
}) {
  return (
    <section className={classes("rounded-lg border border-line bg-raised min-w-0", className)}>
      {(title || actions) && (
        <header className="flex flex-wrap items-center justify-between gap-2 border-b border-line px-3 py-2">
          {title && <h2 className="text-sm font-semibold">{title}</h2>}
          {actions && <div className="ms-auto flex flex-wrap items-center gap-2">{actions}</div>}
        </header>
      )}
      <div className={flush ? "min-w-0 [&>div[role=alert]]:m-3" : "p-3 min-w-0"}>{children}</div>
    </section>
  );
}

/** The head of a page: what it is about, and what one can do. */
export function PageHead({
  title,
  star,
  note,
  actions,
}: {
  title: ReactNode;
  /** A small button that stands right beside the title. */
  star?: ReactNode;
  note?: ReactNode;
  actions?: ReactNode;
}) {
  return (
    <div className="mb-4 flex flex-wrap items-end justify-between gap-x-6 gap-y-2">
      <div className="min-w-0">
        <div className="flex items-center gap-1">
          <h1 className="min-w-0 text-lg font-semibold text-balance break-words">{title}</h1>
          {star}
        </div>
        {note && <p className="text-xs text-ink-soft">{note}</p>}
      </div>
      {actions && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
    </div>
  );
}

type BadgeTone = "neutral" | "good" | "bad" | "warn" | "live";

const BADGES: Readonly<Record<BadgeTone, string>> = {
  neutral: "bg-sunken text-ink-soft",
  good: "bg-accent-soft text-accent",
  bad: "bg-danger-soft text-danger",
  warn: "bg-warn-soft text-warn",
  live: "bg-demo text-on-demo",
};

export function Badge({ tone = "neutral", children }: { tone?: BadgeTone; children: ReactNode }) {
  return (
    <span
      className={classes(
        "inline-flex items-center rounded-full px-2 text-2xs font-medium whitespace-nowrap",
        BADGES[tone],
      )}
    >
      {children}
    </span>
  );
}

/** Names and values, one under the other. */
export function Facts({ items }: { items: readonly (readonly [string, ReactNode])[] }) {
  return (
    <dl className="grid grid-cols-[minmax(min-content,auto)_minmax(min-content,1fr)] gap-x-4 gap-y-1.5 text-sm">
      {items.map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-ink-soft">{name}</dt>
          <dd className="text-end wrap-anywhere min-w-0">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
