/** What was asked of the server, with its loading, failed and old states: every page shows them in the same way. */
import type { ReactNode } from "react";
import { Failed, Loading, MayBeOld } from "./states";

/** What it takes of a query: its answer, why there is none or no newer one, and a way to ask again. */
export interface Query<Data> {
  readonly data: Data | undefined;
  readonly error: Error | null;
  readonly refetch: () => unknown;
}

/**
 * Show what was answered. An answer that is there stays when a later one fails: above it stands that it may be old. Only
 * where there never was one does the failure stand in its place.
 */
export function Asked<Data>({
  query,
  rows = 4,
  label,
  missing,
  children,
}: {
  query: Query<Data>;
  /** How much room it takes while it is loading. */
  rows?: number;
  label?: string;
  /** What to show if the server says that there is no such thing, or no longer. */
  missing?: ReactNode;
  children: (data: Data) => ReactNode;
}) {
  const { data, error, refetch } = query;
  if (missing !== undefined && error && isNotThere(error)) return missing;
  if (data !== undefined) {
    return (
      <>
        {error && <MayBeOld error={error} retry={refetch} />}
        {children(data)}
      </>
    );
  }
  return error ? <Failed error={error} retry={refetch} /> : <Loading rows={rows} {...(label && { label })} />;
}

/** Whether a failure is the server's word that there is no such thing. */
function isNotThere(error: Error): boolean {
  return "status" in error && error.status === 404;
}
