import { type ReactNode, useState } from "react";
import { Button } from "./button";
import { classes } from "./classes";
import { momentsIn } from "./moments-in";

/** Where something will be in a moment: as large as it, so that nothing jumps. */
export function Skeleton({ className }: { className?: string }) {
  return (
    <div
      aria-hidden="true"
      className={classes("animate-pulse rounded-md bg-sunken", className ?? "h-5 w-full")}
    />
  );
}

export function Loading({ rows = 4, label = "Loading" }: { rows?: number; label?: string }) {
  return (
    <div role="status" aria-label={label} className="flex flex-col gap-2 p-3">
      {Array.from({ length: rows }, (_, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the rows are all alike.
        <Skeleton key={place} className="h-7 w-full" />
      ))}
    </div>
  );
}

/** Nothing is here, why, and what one can do about it. */
export function Empty({
  title,
  children,
  action,
  isPage = false,
}: {
  title: string;
  /** Whether it is all that the page has: then its title is the page's. */
  isPage?: boolean;
  children?: ReactNode;
  action?: ReactNode;
}) {
  return (
    <div className="flex flex-col items-center gap-2 px-4 py-8 text-center">
      {isPage ? (
        <h1 className="text-md font-semibold">{title}</h1>
      ) : (
        <p className="text-sm font-medium">{title}</p>
      )}
      {children && <p className="max-w-prose text-xs text-ink-soft">{children}</p>}
      {action}
    </div>
  );
}

interface Failure {
  readonly error: unknown;
  readonly retry?: (() => unknown) | undefined;
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? momentsIn(error.message) : "Something went wrong.";
}

/** Something went wrong, in words, with a way to try again if that may help. */
export function Failed({ error, retry }: Failure) {
  return (
    <div
      role="alert"
      className="flex flex-col items-start gap-2 rounded-md bg-danger-soft p-3 text-sm text-danger"
    >
      <p>{wordsOf(error)}</p>
      {retry && <TryAgain retry={retry} />}
    </div>
  );
}

/** What is shown below, or `what` of it, could not be brought up to date: why, with a way to try again. */
export function MayBeOld({ error, retry, what = "This" }: Failure & { what?: string }) {
  return (
    <div
      role="alert"
      className="mb-3 flex flex-wrap items-center justify-between gap-x-3 gap-y-1 rounded-md bg-warn-soft px-3 py-1.5 text-xs text-warn"
    >
      <p>
        {what} may be old: {wordsOf(error)}
      </p>
      {retry && <TryAgain retry={retry} />}
    </div>
  );
}

function TryAgain({ retry }: { retry: () => unknown }) {
  const [isTrying, setIsTrying] = useState(false);
  const tryAgain = async () => {
    setIsTrying(true);
    try {
      await retry();
    } finally {
      setIsTrying(false);
    }
  };
  return (
    <Button size="small" busy={isTrying} onClick={() => void tryAgain()}>
      Try again
    </Button>
  );
}

/** A line above a page: `tone` says how much it matters. */
export function Banner({
  tone,
  children,
  role = "status",
}: {
  tone: "info" | "warn" | "demo";
  children: ReactNode;
  role?: "status" | "alert";
}) {
  const look = {
    info: "bg-accent-soft text-accent",
    warn: "bg-warn-soft text-warn",
    demo: "bg-demo text-on-demo",
  }[tone];
  return (
    <div
      role={role}
      className={classes(
        "flex flex-wrap items-center justify-center gap-x-3 gap-y-1 px-3 py-1 text-xs font-medium",
        look,
      )}
    >
      {children}
    </div>
  );
}
