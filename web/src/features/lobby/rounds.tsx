/** Running rounds of the pools, as stakes come in. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ArrowDown, ArrowUp } from "lucide-react";
import { minorOf, percentages } from "@/core";
import { call, http, type Pool, useCurrency, useCurrentRound, useFavourite } from "@/data";
import { Badge, Countdown, Money, StarButton } from "@/ui";
import { type Part, Section } from "./section";

export function Rounds({ words }: Part) {
  const pools = useQuery({
    queryKey: ["pools", words],
    queryFn: ({ signal }) =>
      call(http.GET("/v1/pools", { params: { query: words ? { q: words } : {} }, signal })),
    placeholderData: keepPreviousData,
    refetchInterval: 60_000,
  });
  return (
    <Section
      title="Pools"
      found={{ ...pools, data: pools.data?.items }}
      none={{ title: words ? "No pool has these words" : "No pool is run here" }}
      row={(pool) => <RoundLine pool={pool} />}
      rowKey={(pool) => pool.key}
    />
  );
}

export function RoundLine({ pool }: { pool: Pick<Pool, "key" | "name" | "currency"> }) {
  const current = useCurrentRound(pool.key);
  const round = current?.round;
  const { scale } = useCurrency(pool.currency);
  const star = useFavourite("pool", pool.key, pool.name);
  const sides = round?.sides;
  const percent =
    sides && percentages({ up: minorOf(sides.up.staked, scale), down: minorOf(sides.down.staked, scale) });
  return (
    <div className="flex flex-wrap items-center justify-between gap-x-3 gap-y-1 px-3 py-2">
      <Link
        to="/pools/$pool"
        params={{ pool: pool.key }}
        className="min-w-32 flex-1 after:absolute after:inset-0"
      >
        <span className="block text-sm font-medium break-words">{pool.name}</span>
        <span className="text-2xs text-ink-faint">
          {round?.status === "open" ? (
            <>
              Locks in <Countdown until={round.locks_at} over="a moment" />
            </>
          ) : round?.status === "locked" ? (
            <>
              Result in <Countdown until={round.settles_at} over="a moment" />
            </>
          ) : (
            // Until it is known, nothing is said.
            current && "No round is open"
          )}
        </span>
      </Link>
      <span className="flex shrink-0 items-center gap-3 text-xs">
        {sides && (
          <>
            <Side icon={<ArrowUp size={14} aria-hidden="true" />} name="Up" percent={percent?.up}>
              <Money amount={sides.up.staked} />
            </Side>
            <Side icon={<ArrowDown size={14} aria-hidden="true" />} name="Down" percent={percent?.down}>
              <Money amount={sides.down.staked} code={round?.currency ?? ""} />
            </Side>
          </>
        )}
        {round?.status === "locked" && <Badge tone="warn">Locked</Badge>}
        {star && (
          <span className="relative z-10">
            <StarButton name={pool.name} {...star} />
          </span>
        )}
      </span>
    </div>
  );
}

function Side({
  icon,
  name,
  percent,
  children,
}: {
  icon: React.ReactNode;
  name: string;
  percent: number | undefined;
  children: React.ReactNode;
}) {
  return (
    <span className="flex flex-col items-end">
      <span className="flex items-center gap-0.5 font-semibold tabular-nums">
        {icon}
        <span className="sr-only">{name} </span>
        {percent === undefined ? "–" : `${percent} %`}
      </span>
      <span className="text-2xs text-ink-faint">{children}</span>
    </span>
  );
}
