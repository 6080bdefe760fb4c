/** Bets between two people: offers that look for a taker, one's own, and making one. */
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { oddsOf } from "@/core";
import { call, http, type Schemas, useMe } from "@/data";
import { Badge, Countdown, Empty, Failed, Loading, Money, Odds, PageHead, Panel, Tabs } from "@/ui";
import { OfferForm } from "./offer-form";
import { statusOf } from "./wording";

type Challenge = Schemas["Challenge"];

const route = getRouteApi("/challenges");

export function ChallengesPage() {
  const me = useMe();
  const { status = "public" } = route.useSearch();
  const navigate = route.useNavigate();
  const tabs = [
    { key: "public", label: "Looking for a taker", content: <Challenges onlyPublic /> },
    ...(me?.id
      ? [
          { key: "mine", label: "Mine", content: <Challenges onlyPublic={false} /> },
          { key: "new", label: "Make one", content: <OfferForm /> },
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

function Challenges({ onlyPublic }: { onlyPublic: boolean }) {
  const challenges = useQuery({
    queryKey: ["challenges", onlyPublic],
    queryFn: ({ signal }) =>
      call(
        http.GET("/v1/challenges", {
          params: { query: { limit: 50, ...(onlyPublic ? { public: true } : {}) } },
          signal,
        }),
      ),
    refetchInterval: 5_000,
  });
  if (challenges.isPending) return <Loading rows={4} />;
  if (challenges.error) return <Failed error={challenges.error} retry={() => void challenges.refetch()} />;
  if (challenges.data.items.length === 0)
    return <Empty title={onlyPublic ? "Nobody looks for a taker now" : "You have none yet"} />;
  return (
    <ul className="grid gap-3 md:grid-cols-2">
      {challenges.data.items.map((challenge) => (
        <li key={challenge.id}>
          <ChallengeCard challenge={challenge} />
        </li>
      ))}
    </ul>
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
