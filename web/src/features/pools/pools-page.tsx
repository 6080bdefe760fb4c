/** All pools with their current rounds. */

import { Link } from "@tanstack/react-router";
import { type Pool, useCurrentRound, usePools } from "@/data";
import { Asked, Countdown, Empty, Loading, PageHead, Panel } from "@/ui";
import { RoundBadge } from "./result";
import { SplitBar } from "./split-bar";

export function PoolsPage() {
  const pools = usePools();
  return (
    <>
      <PageHead title="Pools" note="Up or down at the close: who is right shares what the others staked" />
      <Asked query={pools} rows={6}>
        {(found) =>
          found.items.length === 0 ? (
            <Empty title="No pool is run here" />
          ) : (
            <div className="grid gap-4 md:grid-cols-2 xl:grid-cols-3">
              {found.items.map((pool) => (
                <PoolCard key={pool.key} pool={pool} />
              ))}
            </div>
          )
        }
      </Asked>
    </>
  );
}

function PoolCard({ pool }: { pool: Pool }) {
  const now = useCurrentRound(pool.key);
  const round = now?.round;
  return (
    <Panel
      title={
        <Link to="/pools/$pool" params={{ pool: pool.key }} className="hover:underline">
          {pool.name}
        </Link>
      }
      actions={round && <RoundBadge round={round} />}
    >
      {!now ? (
        <Loading rows={2} />
      ) : !round ? (
        <Empty title="No round yet" />
      ) : (
        <div className="flex flex-col gap-3">
          <SplitBar round={round} />
          <p className="flex justify-between text-xs text-ink-soft">
            <span>{round.status === "open" ? "Locks in" : "Result in"}</span>
            <Countdown until={round.status === "open" ? round.locks_at : round.settles_at} over="a moment" />
          </p>
        </div>
      )}
    </Panel>
  );
}
