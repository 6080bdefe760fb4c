/** Whom one follows: what is used of each limit, and what one can do about it. */
import { Link } from "@tanstack/react-router";
import { useMe } from "@/data";
import { Asked, Badge, Empty, Facts, Money, PageHead, Panel } from "@/ui";
import { FollowSteps } from "./follow-steps";
import { type Follow, statusOf, useFollows } from "./following";
import { Used } from "./used";

export function FollowingPage() {
  const me = useMe();
  const follows = useFollows(Boolean(me?.id));
  if (me === null) {
    return (
      <Empty
        isPage
        title="Log in to see whom you follow"
        action={
          <Link to="/login" search={{ to: "/following" }} className="text-accent underline">
            Log in
          </Link>
        }
      />
    );
  }
  if (me && !me.id) return <Empty isPage title="Operators follow nobody" />;
  return (
    <>
      <PageHead
        title="Following"
        note="Whose bets are copied for you, and within which limits"
        actions={
          <Link to="/leaders" className="text-sm text-accent underline">
            See the leaders
          </Link>
        }
      />
      <Asked query={follows} rows={5}>
        {(found) =>
          found.items.length === 0 ? (
            <Panel>
              <Empty title="You follow nobody yet">
                Somebody who lets others copy has a button for it on their profile.
              </Empty>
            </Panel>
          ) : (
            <ul className="grid gap-3 lg:grid-cols-2">
              {found.items.map((follow) => (
                <li key={follow.id}>
                  <FollowCard follow={follow} />
                </li>
              ))}
            </ul>
          )
        }
      </Asked>
    </>
  );
}

function FollowCard({ follow }: { follow: Follow }) {
  const [word, tone] = statusOf(follow);
  return (
    <Panel
      title={
        <Link to="/following/$follow" params={{ follow: follow.id }} className="break-words hover:underline">
          {follow.leader}
        </Link>
      }
      actions={<Badge tone={tone}>{word}</Badge>}
    >
      <div className="flex flex-col gap-3">
        <Used
          label="At risk, of what is left of the allocation"
          used={follow.allocation_used}
          all={follow.allocation_left}
          currency={follow.currency}
        />
        {follow.status !== "ended" && (
          <Used
            label="Of today's limit (UTC)"
            used={follow.used_today}
            all={follow.daily_cap}
            currency={follow.currency}
          />
        )}
        <Facts items={[["Result", <Money key="r" amount={follow.result} code={follow.currency} tone />]]} />
        <div className="flex flex-wrap items-center gap-2">
          <FollowSteps follow={follow} />
          <Link
            to="/following/$follow"
            params={{ follow: follow.id }}
            className="ms-auto text-sm text-accent underline"
          >
            See the copies
          </Link>
        </div>
      </div>
    </Panel>
  );
}
