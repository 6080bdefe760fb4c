/** The page of a challenge's link: what it says, for whoever has the link, and what each of those concerned can do. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { afterFee, amountOf, minorOf, oddsOf } from "@/core";
import { call, http, type Schemas, useCommand, useCurrency, useMe } from "@/data";
import {
  Asked,
  Badge,
  Button,
  CopyText,
  Countdown,
  Empty,
  Facts,
  Failed,
  Moment,
  Money,
  Odds,
  PageHead,
  Panel,
  QrCode,
  tell,
} from "@/ui";
import { statusOf } from "./wording";

type Challenge = Schemas["Challenge"];
type Verdict = "won" | "lost" | "void";

/** What one can do about a challenge; `outcome` is the word of whoever resolves it. */
interface Deed {
  readonly deed: "accept" | "cancel" | "dispute" | "resolve";
  readonly outcome?: Verdict;
}

const route = getRouteApi("/c/$token");

export function ChallengePage() {
  const { token } = route.useParams();
  const challenge = useQuery({
    queryKey: ["challenge", token],
    queryFn: ({ signal }) =>
      call(http.GET("/v1/challenges/{token}", { params: { path: { token } }, signal })),
    refetchInterval: 3_000,
  });
  return (
    <Asked
      query={challenge}
      rows={6}
      missing={
        <Empty
          isPage
          title="There is no such challenge"
          action={
            <Link to="/challenges" className="text-accent underline">
              See the challenges
            </Link>
          }
        >
          The link may be incomplete.
        </Empty>
      }
    >
      {(found) => <Shown challenge={found} />}
    </Asked>
  );
}

function Shown({ challenge }: { challenge: Challenge }) {
  const [word, tone] = statusOf(challenge);
  const backs = challenge.side === "back";
  return (
    <div className="mx-auto flex max-w-xl flex-col gap-4">
      <PageHead
        title={challenge.title}
        note={`${challenge.challenger.username} says that ${backs ? "it happens" : "it does not happen"}`}
        actions={<Badge tone={tone}>{word}</Badge>}
      />
      <Panel>
        <Facts
          items={[
            ["Odds", <Odds key="o" odds={oddsOf(challenge.odds)} className="font-semibold" />],
            ["Whoever backs it stakes", <Money key="s" amount={challenge.stake} code={challenge.currency} />],
            [
              "Whoever lays it risks",
              <Money key="l" amount={challenge.liability} code={challenge.currency} />,
            ],
            ["The house takes", `${challenge.fee_bps / 100} % of what is won`],
            ["Decided by", <DecidedBy key="w" challenge={challenge} />],
            ...(challenge.resolve_by && challenge.status === "accepted"
              ? ([["Decided until", <Moment key="u" at={challenge.resolve_by} />]] as const)
              : []),
            ...(challenge.resolver_outcome
              ? ([["The resolver says", OUTCOMES[challenge.resolver_outcome]]] as const)
              : []),
            ...(challenge.disputed_by
              ? ([["Disputed by", nameIn(challenge, challenge.disputed_by)]] as const)
              : []),
            ...(challenge.acceptor ? ([["Taken by", challenge.acceptor.username]] as const) : []),
            ...(challenge.status === "offered"
              ? ([["Open for", <Countdown key="c" until={challenge.expires_at} over="a moment" />]] as const)
              : []),
            ...(challenge.disputable_until && challenge.status === "resolved"
              ? ([["Can be disputed until", <Moment key="d" at={challenge.disputable_until} />]] as const)
              : []),
            ...(challenge.outcome ? ([["Outcome", OUTCOMES[challenge.outcome]]] as const) : []),
          ]}
        />
        {challenge.status === "offered" && <Stakes challenge={challenge} />}
        <Deeds challenge={challenge} />
      </Panel>
      {challenge.status === "offered" && <Share challenge={challenge} />}
    </div>
  );
}

/** A person, or the runner of a market, with the way to it. */
function DecidedBy({ challenge: { resolver, runner } }: { challenge: Challenge }) {
  if (!runner) return resolver?.username ?? "–";
  return (
    <Link
      to="/markets/$market"
      params={{ market: runner.market_id }}
      search={{ runner: runner.runner_id }}
      className="text-accent underline"
    >
      {runner.runner_name} in {runner.market_name}
    </Link>
  );
}

function nameIn(challenge: Challenge, id: string): string {
  const both = [challenge.challenger, challenge.acceptor];
  return both.find((each) => each?.user_id === id)?.username ?? id;
}

/** What whoever takes it risks and can win: the other side of what was offered. */
function Stakes({ challenge }: { challenge: Challenge }) {
  const { scale } = useCurrency(challenge.currency);
  const me = useMe();
  if (me?.id === challenge.challenger.user_id) return null;
  const [risks, wins] =
    challenge.side === "back"
      ? [challenge.liability, challenge.stake]
      : [challenge.stake, challenge.liability];
  const net = afterFee(minorOf(wins, scale), challenge.fee_bps);
  return (
    <div className="mt-3 rounded-md bg-sunken p-3">
      <Facts
        items={[
          ["Taking it, you risk", <Money key="r" amount={`-${risks}`} code={challenge.currency} tone />],
          [
            "You win, the fee taken off",
            <Money key="w" amount={amountOf(net, scale)} code={challenge.currency} tone />,
          ],
        ]}
      />
    </div>
  );
}

const OUTCOMES: Readonly<Record<Verdict, string>> = {
  won: "It happened",
  lost: "It did not happen",
  void: "Void: stakes returned",
};

function Share({ challenge }: { challenge: Challenge }) {
  const link = `${location.origin}/c/${challenge.token}`;
  return (
    <Panel title="Share it">
      <div className="flex flex-col items-start gap-3">
        <CopyText text={link} label="Copy the link" />
        <QrCode text={link} label="QR code of this challenge's link" />
      </div>
    </Panel>
  );
}

/** What one can do about it, if anything; the server has the last word. */
function Deeds({ challenge }: { challenge: Challenge }) {
  const me = useMe();
  const queries = useQueryClient();
  const act = useCommand({
    send: ({ deed, outcome }: Deed, key) => {
      const params = { path: { token: challenge.token }, header: { "Idempotency-Key": key } };
      switch (deed) {
        case "accept":
          return call(http.POST("/v1/challenges/{token}/accept", { params, body: {} }));
        case "cancel":
          return call(http.POST("/v1/challenges/{token}/cancel", { params, body: {} }));
        case "dispute":
          return call(http.POST("/v1/challenges/{token}/dispute", { params, body: {} }));
        case "resolve":
          return call(
            http.POST("/v1/challenges/{token}/resolve", { params, body: { outcome: outcome ?? "void" } }),
          );
      }
    },
    done: (_, { deed }) => {
      tell(
        {
          accept: "You have taken it",
          cancel: "It is taken back",
          dispute: "It is disputed; an operator decides",
          resolve: "Your word is recorded",
        }[deed],
      );
      void queries.invalidateQueries({ queryKey: ["challenge", challenge.token] });
    },
  });
  if (!me?.id) {
    return challenge.status === "offered" ? (
      <p className="mt-4 text-sm">
        <Link to="/login" search={{ to: `/c/${challenge.token}` }} className="text-accent underline">
          Log in
        </Link>{" "}
        or{" "}
        <Link to="/register" search={{ to: `/c/${challenge.token}` }} className="text-accent underline">
          join
        </Link>{" "}
        to take it.
      </p>
    ) : null;
  }
  const isChallenger = me.id === challenge.challenger.user_id;
  const isAcceptor = me.id === challenge.acceptor?.user_id;
  const decides = me.id === challenge.resolver?.user_id;
  const button = (label: string, deed: Deed, tone: "primary" | "plain" | "danger" = "plain") => (
    <Button key={label} tone={tone} busy={act.isPending} onClick={() => act.send(deed)}>
      {label}
    </Button>
  );
  const deeds = [
    challenge.status === "offered" &&
      !isChallenger &&
      button(
        `Take it: ${challenge.side === "back" ? "it does not happen" : "it happens"}`,
        { deed: "accept" },
        "primary",
      ),
    challenge.status === "offered" && isChallenger && button("Take it back", { deed: "cancel" }),
    ...(challenge.status === "accepted" && decides
      ? [
          button("It happened", { deed: "resolve", outcome: "won" }, "primary"),
          button("It did not", { deed: "resolve", outcome: "lost" }, "primary"),
          button("Void", { deed: "resolve", outcome: "void" }),
        ]
      : []),
    challenge.status === "resolved" &&
      (isChallenger || isAcceptor) &&
      button("Dispute it", { deed: "dispute" }, "danger"),
  ].filter(Boolean);
  if (deeds.length === 0 && !act.error) return null;
  return (
    <div className="mt-4 flex flex-col gap-3">
      <div className="flex flex-wrap gap-2">{deeds}</div>
      {act.error && <Failed error={act.error} />}
      {act.problem?.code === "insufficient_funds" && (
        <Link
          to="/wallet"
          search={{ view: "deposit", currency: challenge.currency }}
          className="self-start text-sm text-accent underline"
        >
          Deposit {challenge.currency}
        </Link>
      )}
    </div>
  );
}
