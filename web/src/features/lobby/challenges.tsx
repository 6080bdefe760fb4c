/** Challenges that look for a taker. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { oddsOf } from "@/core";
import { call, http, type Schemas } from "@/data";
import { Countdown, Money, Odds } from "@/ui";
import { type Part, Section } from "./section";

type Challenge = Schemas["Challenge"];

const USUAL = 6;
const ALONE = 50;

export function Challenges({ words, isAlone }: Part) {
  const limit = isAlone ? ALONE : USUAL;
  const challenges = useQuery({
    queryKey: ["challenges", "public", words, limit],
    queryFn: ({ signal }) =>
      call(
        http.GET("/v1/challenges", {
          params: { query: { public: true, limit, ...(words ? { q: words } : {}) } },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
    refetchInterval: 5_000,
  });
  return (
    <Section
      title="Challenges looking for a taker"
      found={{ ...challenges, data: challenges.data?.items }}
      more={
        <Link to="/challenges" search={{ status: "new" }} className="text-xs text-accent underline">
          Make one
        </Link>
      }
      none={{ title: words ? "No challenge has these words" : "Nobody looks for a taker now" }}
      row={(challenge) => <ChallengeLine challenge={challenge} />}
      rowKey={(challenge) => challenge.id}
    />
  );
}

function ChallengeLine({ challenge }: { challenge: Challenge }) {
  return (
    <div className="flex flex-wrap items-center justify-between gap-x-3 gap-y-1 px-3 py-2">
      <Link
        to="/c/$token"
        params={{ token: challenge.token }}
        className="min-w-32 flex-1 after:absolute after:inset-0"
      >
        <span className="block text-sm font-medium break-words">{challenge.title}</span>
        <span className="text-2xs text-ink-faint">
          {challenge.challenger.username} {challenge.side === "back" ? "says yes" : "says no"} ·{" "}
          <Countdown until={challenge.expires_at} over="over" />
        </span>
      </Link>
      <span className="flex shrink-0 flex-col items-end text-xs">
        <Odds odds={oddsOf(challenge.odds)} className="font-semibold" />
        <span className="text-2xs text-ink-faint">
          <Money
            amount={challenge.side === "back" ? challenge.liability : challenge.stake}
            code={challenge.currency}
          />{" "}
          to take it
        </span>
      </span>
    </div>
  );
}
