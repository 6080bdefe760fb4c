/** One round with its evidence, and a button that works everything out anew in the browser. */
import { useMutation } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { Check, X } from "lucide-react";
import { checkProof, earlierCodes, hadSession, type ProofCheck } from "@/core";
import { ApiProblem, http, type Round, usePools } from "@/data";
import { Asked, Button, Empty, Facts, Failed, Moment, Money, PageHead, Panel } from "@/ui";
import { Prices, RoundBadge } from "./result";
import { useRound } from "./rounds";
import { SplitBar } from "./split-bar";

const route = getRouteApi("/pools/$pool/$code");

export function RoundPage() {
  const { pool, code } = route.useParams();
  const round = useRound(pool, code);
  const name = usePools().data?.items.find((each) => each.key === pool)?.name ?? pool;
  return (
    <Asked
      query={round}
      rows={6}
      missing={
        <Empty
          isPage
          title="There is no such round"
          action={
            <Link to="/pools/$pool" params={{ pool }} className="text-accent underline">
              See the pool's rounds
            </Link>
          }
        >
          Its address may be mistyped.
        </Empty>
      }
    >
      {(found) => <Shown round={found} pool={name} />}
    </Asked>
  );
}

/** `pool` is the name of the pool it is a round of. */
function Shown({ round, pool }: { round: Round; pool: string }) {
  return (
    <div className="mx-auto max-w-2xl">
      <PageHead
        title={`Round ${round.code}`}
        note={
          <Link to="/pools/$pool" params={{ pool: round.pool }} className="underline">
            {pool}
          </Link>
        }
        actions={<RoundBadge round={round} />}
      />
      <div className="flex flex-col gap-4">
        <Panel>
          <SplitBar round={round} />
        </Panel>
        <Panel title="What happened">
          <Story round={round} />
        </Panel>
        <Panel title="Evidence">
          <Verify pool={round.pool} code={round.code} />
        </Panel>
      </div>
    </div>
  );
}

function Story({ round }: { round: Round }) {
  return (
    <Facts
      items={[
        ["Opened", <Moment key="o" at={round.opens_at} />],
        ["Locked", <Moment key="l" at={round.locks_at} />],
        ["Price", <Prices key="p" round={round} />],
        ...(round.void_reason ? ([["Void because", round.void_reason]] as const) : []),
        ...(round.fee
          ? ([["Fee", <Money key="f" amount={round.fee} code={round.currency} />]] as const)
          : []),
        ...(round.rounding
          ? ([["Left by rounding", <Money key="r" amount={round.rounding} code={round.currency} />]] as const)
          : []),
        ...(round.corrected ? ([["Corrected", "yes: it had another result first"]] as const) : []),
        ...(round.commitment
          ? ([
              [
                "Commitment",
                <code key="c" className="text-2xs break-all">
                  {round.commitment}
                </code>,
              ],
            ] as const)
          : []),
      ]}
    />
  );
}

/** Return checks without those that say the same: a correction repeats some. */
function distinct(checks: readonly ProofCheck[]): readonly ProofCheck[] {
  return [...new Map(checks.map((each) => [`${each.holds} ${each.text}`, each])).values()];
}

/** Return the proof of the last round before one that had a session, if there is one. */
async function proofBefore(pool: string, proof: string): Promise<string | undefined> {
  for (const code of earlierCodes(proof)) {
    const params = { path: { pool, code } };
    const path = "/v1/pools/{pool}/rounds/{code}/proof";
    const answer = await http.GET(path, { params, parseAs: "text" });
    if (answer.response.status === 404) continue;
    if (!answer.response.ok)
      throw new ApiProblem(
        answer.response.status,
        "unknown",
        "The proof of the round before could not be read.",
      );
    const found = String(answer.data);
    if (hadSession(found)) return found;
  }
  return undefined;
}

/** Return the days on which the exchange did not open, as the pool lists them. */
async function closedDays(pool: string): Promise<readonly string[]> {
  const { data, response } = await http.GET("/v1/pools/{pool}", { params: { path: { pool } } });
  if (!data) throw new ApiProblem(response.status, "unknown", "The pool could not be read.");
  return data.closed;
}

function Verify({ pool, code }: { pool: string; code: string }) {
  const verify = useMutation({
    mutationFn: async () => {
      // As text: numbers in it have more digits than the browser's own reading keeps.
      const answer = await http.GET("/v1/pools/{pool}/rounds/{code}/proof", {
        params: { path: { pool, code } },
        parseAs: "text",
      });
      if (!answer.response.ok)
        throw new ApiProblem(answer.response.status, "unknown", "The proof could not be read.");
      const proof = String(answer.data);
      return checkProof(proof, pool, code, await proofBefore(pool, proof), await closedDays(pool));
    },
  });
  const holds = verify.data?.every((each) => each.holds);
  return (
    <div className="flex flex-col items-start gap-3">
      <p className="text-xs text-ink-soft">
        When it locks, a round commits to its terms and to every stake; when it is settled, it shows prices
        and payouts. Your browser can work all of it out anew.
      </p>
      <div className="flex gap-2">
        <Button tone="primary" busy={verify.isPending} onClick={() => verify.mutate()}>
          Verify here
        </Button>
        <a
          className="self-center text-xs text-accent underline"
          href={`/v1/pools/${pool}/rounds/${code}/proof`}
          target="_blank"
          rel="noreferrer"
        >
          The proof as JSON
        </a>
      </div>
      {verify.error && <Failed error={verify.error} />}
      {verify.data && (
        <div role="status" className="w-full">
          <p className={`mb-2 text-sm font-semibold ${holds ? "text-profit" : "text-loss"}`}>
            {holds ? "Everything holds." : "Something does not hold."}
          </p>
          <ul className="flex flex-col gap-1.5">
            {distinct(verify.data).map((each) => (
              <li key={`${each.holds} ${each.text}`} className="flex items-start gap-2 text-xs">
                {each.holds ? (
                  <Check size={16} aria-label="holds" className="shrink-0 text-profit" />
                ) : (
                  <X size={16} aria-label="does not hold" className="shrink-0 text-loss" />
                )}
                <span className="min-w-0 break-words">{each.text}</span>
              </li>
            ))}
          </ul>
        </div>
      )}
    </div>
  );
}
