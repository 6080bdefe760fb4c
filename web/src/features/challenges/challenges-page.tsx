/** Bets between two people: offers that look for a taker, one's own, and making one. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useCallback } from "react";
import { oddsOf } from "@/core";
import { call, http, type Schemas, useMe } from "@/data";
import { Asked, Badge, Countdown, Empty, Money, Odds, PageHead, Panel, SearchBox, Tabs } from "@/ui";
import { OfferForm } from "./offer-form";
import { statusOf } from "./wording";

type Challenge = Schemas["Challenge"];

const route = getRouteApi("/challenges");

export function ChallengesPage() {
  const me = useMe();
  const { status = "public", q = "", market, runner } = route.useSearch();
  const navigate = route.useNavigate();
  const tabs = [
    { key: "public", label: "Looking for a taker", content: <Public words={q} /> },
    ...(me?.id
      ? [
          { key: "mine", label: "Mine", content: <Challenges onlyPublic={false} words="" /> },
          { key: "new", label: "Make one", content: <OfferForm market={market} runner={runner} /> },
        ]
      : []),
  ];
  return (
    <>
      <PageHead
        title="Challenges"
        note="A bet between two people: the house holds both stakes and pays whoever is right"
      />
      <Tabs
        value={tabs.some((tab) => tab.key === status) ? status : "public"}
        onChange={(next) => void navigate({ search: { status: next }, replace: true })}
        tabs={tabs}
      />
    </>
  );
}

/** Offers that everybody can take, by any word of their titles. */
function Public({ words }: { words: string }) {
  const navigate = route.useNavigate();
  const search = useCallback(
    (q: string) => void navigate({ search: q ? { q } : {}, replace: true, resetScroll: false }),
    [navigate],
  );
  return (
    <div className="flex flex-col gap-3">
      <SearchBox label="Search by any word" words={words} search={search} className="w-full max-w-md" />
      <Challenges onlyPublic words={words.trim()} />
    </div>
  );
}

function Challenges({ onlyPublic, words }: { onlyPublic: boolean; words: string }) {
  const challenges = useQuery({
    queryKey: ["challenges", onlyPublic, words],
    queryFn: ({ signal }) =>
      call(
        http.GET("/v1/challenges", {
          params: {
            query: { limit: 50, ...(onlyPublic ? { public: true } : {}), ...(words ? { q: words } : {}) },
          },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
    refetchInterval: 5_000,
  });
  return (
    <Asked query={challenges}>
      {({ items }) =>
        items.length === 0 ? (
          <Panel>
            <Empty
              title={
                words
                  ? "No challenge has these words"
                  : onlyPublic
                    ? "Nobody looks for a taker now"
                    : "You have none yet"
              }
              action={
                <Link to="/challenges" search={{ status: "new" }} className="text-accent underline">
                  Make one
                </Link>
              }
            >
              {!words &&
                "Say what will happen, at which odds, and who decides; then send the link to somebody."}
            </Empty>
          </Panel>
        ) : (
          <ul className="grid gap-3 md:grid-cols-2">
            {items.map((challenge) => (
              <li key={challenge.id}>
                <ChallengeCard challenge={challenge} />
              </li>
            ))}
          </ul>
        )
      }
    </Asked>
  );
}

function ChallengeCard({ challenge }: { challenge: Challenge }) {
  const [word, tone] = statusOf(challenge);
  return (
    <Panel
      title={
        <Link to="/c/$token" params={{ token: challenge.token }} className="break-words hover:underline">
          {challenge.title}
        </Link>
      }
      actions={<Badge tone={tone}>{word}</Badge>}
    >
      <p className="flex flex-wrap items-baseline justify-between gap-2 text-sm">
        <span>
          {challenge.challenger.username} {challenge.side === "back" ? "backs" : "lays"} it at{" "}
          <Odds odds={oddsOf(challenge.odds)} className="font-semibold" />
        </span>
        <span>
          <Money amount={challenge.stake} code={challenge.currency} />
        </span>
      </p>
      {challenge.status === "offered" && (
        <p className="mt-1 text-2xs text-ink-faint">
          To be taken within <Countdown until={challenge.expires_at} over="a moment" />
        </p>
      )}
    </Panel>
  );
}
