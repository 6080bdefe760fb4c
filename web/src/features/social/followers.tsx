/** Who follows one: how many, and those of them who show themselves. For one's own profile. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { call, http, type Schemas } from "@/data";
import { Asked, Moment, Panel } from "@/ui";

const SHOWN = 20;

export function Followers({ isCopyable }: { isCopyable: boolean }) {
  const followers = useQuery({
    queryKey: ["followers"],
    queryFn: ({ signal }) =>
      call(http.GET("/v1/me/followers", { params: { query: { limit: SHOWN } }, signal })),
  });
  return (
    <Asked query={followers} rows={1}>
      {(found) => <Copying count={found.count} items={found.items} isCopyable={isCopyable} />}
    </Asked>
  );
}

function Copying({ count, items, isCopyable }: Schemas["Followers"] & { isCopyable: boolean }) {
  const others = count - items.length;
  return (
    <Panel title="Who copies you" className="lg:col-span-2">
      {count === 0 ? (
        <p className="text-sm text-ink-soft">
          {isCopyable
            ? "Nobody yet. Whoever follows you sees your record first."
            : "Nobody: you do not let others copy your bets."}
        </p>
      ) : (
        <>
          <p className="text-sm">
            {count === 1 ? "1 person follows you." : `${count} people follow you.`}
            {!isCopyable && " Nothing is copied while you do not let others copy."}
          </p>
          <ul className="mt-2 flex flex-col gap-1 text-sm">
            {items.map((follower) => (
              <li key={`${follower.username} ${follower.since}`} className="flex justify-between gap-3">
                <Link
                  to="/people/$username"
                  params={{ username: follower.username }}
                  className="min-w-0 break-words hover:underline"
                >
                  {follower.username}
                </Link>
                <span className="text-2xs text-ink-soft">
                  since <Moment at={follower.since} />
                </span>
              </li>
            ))}
          </ul>
          {others > 0 && <p className="mt-1 text-xs text-ink-soft">And {others} more.</p>}
        </>
      )}
    </Panel>
  );
}
