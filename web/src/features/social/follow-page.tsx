/** A follow: its limits, what is used of them, and what became of each bet of the leader. */
import { getRouteApi, Link } from "@tanstack/react-router";
import { counted, oddsOf, percentOf } from "@/core";
import { Asked, Badge, Button, Empty, Facts, Moment, Money, Odds, PageHead, Panel, Table } from "@/ui";
import { FollowSteps } from "./follow-steps";
import {
  type Copied,
  type Follow,
  OUTCOMES,
  PRODUCT_NAMES,
  REASONS,
  statusOf,
  useCopies,
  useFollow,
} from "./following";
import { Used } from "./used";

const route = getRouteApi("/following/$follow");

export function FollowPage() {
  const { follow: id } = route.useParams();
  const follow = useFollow(id);
  return (
    <Asked
      query={follow}
      rows={8}
      missing={
        <Empty
          isPage
          title="You have no such follow"
          action={
            <Link to="/following" className="text-accent underline">
              See whom you follow
            </Link>
          }
        />
      }
    >
      {(found) => <Shown follow={found} />}
    </Asked>
  );
}

function Shown({ follow }: { follow: Follow }) {
  const [word, tone] = statusOf(follow);
  return (
    <>
      <PageHead
        title={`Copies of ${follow.leader}`}
        note={
          <>
            <Link to="/following" className="underline">
              Following
            </Link>{" "}
            since <Moment at={follow.started_at} />
            {follow.ended_at && (
              <>
                {" "}
                until <Moment at={follow.ended_at} />
              </>
            )}
          </>
        }
        actions={<FollowSteps follow={follow} />}
      />
      <div className="grid items-start gap-4 lg:grid-cols-3">
        <Panel title="Limits" actions={<Badge tone={tone}>{word}</Badge>}>
          <LimitFacts follow={follow} />
        </Panel>
        <Panel title="Copies" flush className="lg:col-span-2">
          <Copies follow={follow} />
        </Panel>
      </div>
    </>
  );
}

function LimitFacts({ follow }: { follow: Follow }) {
  const { currency } = follow;
  const hasExchange = follow.products.includes("exchange");
  const hasSportsbook = follow.products.includes("sportsbook");
  return (
    <div className="flex flex-col gap-3">
      {follow.paused_by === "stop_loss" && (
        <p className="rounded-md bg-warn-soft p-2 text-sm text-warn">
          Your stop-loss was reached, so nothing is copied. To go on, set more aside or another stop-loss, and
          resume.
        </p>
      )}
      <Used
        label="At risk, of what is left of the allocation"
        used={follow.allocation_used}
        all={follow.allocation_left}
        currency={currency}
      />
      <Used
        label="Of today's limit (UTC)"
        used={follow.used_today}
        all={follow.daily_cap}
        currency={currency}
      />
      <Facts
        items={[
          [
            "Leader",
            <Link
              key="l"
              to="/people/$username"
              params={{ username: follow.leader }}
              className="text-accent underline"
            >
              {follow.leader}
            </Link>,
          ],
          ["Result", <Money key="r" amount={follow.result} code={currency} tone />],
          ["Allocation", <Money key="a" amount={follow.allocation} code={currency} />],
          [
            "Stop-loss",
            follow.stop_loss_percent === null ? "none" : `at ${follow.stop_loss_percent} % of it`,
          ],
          [
            "A bet is copied with",
            follow.stake !== null ? (
              <Money key="s" amount={follow.stake} code={currency} />
            ) : (
              `${percentOf(follow.ratio ?? "0")} % of theirs`
            ),
          ],
          ["A copy risks at most", <Money key="c" amount={follow.per_bet_cap} code={currency} />],
          ["Copied", follow.products.map((product) => PRODUCT_NAMES[product]).join(", ")],
          ...(hasExchange
            ? ([["Odds may be worse by", counted(follow.max_slippage_ticks, "tick")]] as const)
            : []),
          ...(hasSportsbook
            ? ([
                [
                  "Odds with the house",
                  follow.min_odds === null ? "any" : <Odds key="o" odds={oddsOf(follow.min_odds)} />,
                ],
              ] as const)
            : []),
          ...(follow.markets.length > 0 ? ([["Only in", follow.markets.join(", ")]] as const) : []),
          ...feeFacts(follow),
        ]}
      />
    </div>
  );
}

/** What the leader takes, of what, and what they have had; a follower without the money for it copies nothing. */
function feeFacts({ performance_fee: fee, currency, ...follow }: Follow) {
  if (fee === "0") return [["The leader's fee", "none"]] as const;
  return [
    ["The leader's fee", `${percentOf(fee)} % of the most won`],
    ["Most won, safely", <Money key="m" amount={follow.high_water_mark} code={currency} />],
    ["Fees paid", <Money key="p" amount={follow.fees_paid} code={currency} />],
    ...(Number(follow.fees_due) > 0
      ? ([
          ["Fee due, nothing is copied", <Money key="d" amount={follow.fees_due} code={currency} />],
        ] as const)
      : []),
  ] as const;
}

function Copies({ follow }: { follow: Follow }) {
  const copies = useCopies(follow.id);
  const all = copies.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Asked query={copies} rows={5}>
      {() =>
        all.length === 0 ? (
          <Empty title="Nothing yet">{follow.leader} has bet nothing since that could be copied.</Empty>
        ) : (
          <Table
            label="Copies"
            rows={all}
            rowKey={(copy) => copy.leader_bet}
            columns={[
              { key: "at", head: "When", isExtra: true, cell: (copy) => <Moment at={copy.at} /> },
              { key: "what", head: "Theirs", isExtra: true, cell: (copy) => <Theirs copy={copy} /> },
              { key: "became", head: "Yours", cell: (copy) => <Became copy={copy} /> },
              {
                key: "risk",
                head: "Risk",
                isNumber: true,
                isExtra: true,
                cell: (copy) => (copy.risk === null ? "–" : <Money amount={copy.risk} />),
              },
              {
                key: "stake",
                head: "Stake",
                isNumber: true,
                cell: (copy) => <Staked copy={copy} />,
              },
              {
                key: "odds",
                head: "Odds",
                isNumber: true,
                cell: (copy) =>
                  copy.average_odds === null ? "–" : <Odds odds={oddsOf(copy.average_odds)} />,
              },
              {
                key: "result",
                head: "Result",
                isNumber: true,
                cell: (copy) => (copy.result === null ? "–" : <Money amount={copy.result} tone />),
              },
            ]}
            after={
              copies.hasNextPage && (
                <Button
                  className="m-3"
                  busy={copies.isFetchingNextPage}
                  onClick={() => void copies.fetchNextPage()}
                >
                  Show earlier ones
                </Button>
              )
            }
          />
        )
      }
    </Asked>
  );
}

/** What the leader bet on; of several that were skipped together, the last one, and how many there were. */
function Theirs({ copy }: { copy: Copied }) {
  const title = copy.title ?? PRODUCT_NAMES[copy.product];
  return copy.bets === 1 ? title : `${title}, ${copy.bets} bets`;
}

/** What was staked: on the exchange what was matched of it. */
function Staked({ copy }: { copy: Copied }) {
  const amount = copy.matched ?? copy.stake;
  return amount === null || copy.status === "skipped" ? "–" : <Money amount={amount} />;
}

/** What became of it: a way to the follower's own bet, or why there is none. */
function Became({ copy }: { copy: Copied }) {
  const [word, tone] = OUTCOMES[copy.status];
  return (
    <span className="flex flex-wrap items-center gap-x-2 gap-y-0.5">
      <span className="md:hidden">
        <Theirs copy={copy} />
      </span>
      <Badge tone={tone}>{word}</Badge>
      {copy.bet_id && <OwnBet product={copy.product} id={copy.bet_id} />}
      {copy.reason && (
        <span className="text-ink-soft">
          {REASONS[copy.reason]}
          {copy.detail && ` (${copy.detail.replaceAll("_", " ")})`}
        </span>
      )}
    </span>
  );
}

function OwnBet({ product, id }: { product: Copied["product"]; id: string }) {
  const look = "text-accent underline";
  if (product === "exchange") {
    return (
      <Link to="/orders/$order" params={{ order: id }} preload={false} className={look}>
        your order
      </Link>
    );
  }
  if (product === "sportsbook") {
    return (
      <Link to="/bets" search={{ status: "all", bet: id }} className={look}>
        your bet
      </Link>
    );
  }
  return (
    <Link to="/pool-bets/$bet" params={{ bet: id }} preload={false} className={look}>
      your stake
    </Link>
  );
}
