/** Rounds that were read a while ago, with what the stream has told of since. */
import type { Round } from "@/data";

/** Return rounds, the newest first, with the current one and the one before as they are now, however long ago they were read. */
export function withLive(
  read: readonly Round[],
  now: { readonly round: Round | null; readonly previous: Round | null } | undefined,
): readonly Round[] {
  const live = [now?.round, now?.previous].filter((each) => each != null);
  const isLive = new Set(live.map((each) => each.code));
  const all = [...live, ...read.filter((each) => !isLive.has(each.code))];
  return all.sort((one, other) =>
    one.locks_at < other.locks_at ? 1 : one.locks_at > other.locks_at ? -1 : 0,
  );
}
