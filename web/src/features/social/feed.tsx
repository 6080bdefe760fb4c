/** What people who show everything have won lately: big wins, and public challenges between two of them. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { call, http, type Schemas } from "@/data";
import { Asked, Button, Empty, Moment, Money, Panel } from "@/ui";
import { SettledLink } from "./settled-link";

type Item = Schemas["FeedItem"];

const EVERY_MS = 10_000;

export function Feed({ currency }: { currency: string }) {
  const feed = useInfiniteQuery({
    queryKey: ["feed", currency],
    queryFn: ({ pageParam, signal }) =>
      call(
        http.GET("/v1/feed", {
          params: { query: { currency, limit: 10, ...(pageParam ? { after: pageParam } : {}) } },
          signal,
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (last) => last.next ?? undefined,
    refetchInterval: EVERY_MS,
  });
  const all = feed.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Panel title="Lately" flush className="mt-4">
      <Asked query={feed} rows={3}>
        {() =>
          all.length === 0 ? (
            <Empty title="Nothing to tell yet">
              Wins of five times the stake, from ten {currency} on, and public challenges: of people who show
              everything and are on the leaderboard.
            </Empty>
          ) : (
            <ul>
              {all.map((item) => (
                <li
                  key={`${item.kind} ${item.id} ${item.username} ${item.at}`}
                  className="flex flex-wrap items-baseline justify-between gap-x-3 border-b border-line/60 px-3 py-2 text-sm last:border-0"
                >
                  <span className="min-w-0 break-words">
                    <Told item={item} />
                  </span>
                  <span className="text-2xs text-ink-soft">
                    <Moment at={item.at} />
                  </span>
                </li>
              ))}
            </ul>
          )
        }
      </Asked>
      {feed.hasNextPage && (
        <Button className="m-3" busy={feed.isFetchingNextPage} onClick={() => void feed.fetchNextPage()}>
          Show earlier ones
        </Button>
      )}
    </Panel>
  );
}

function Told({ item }: { item: Item }) {
  const { kind, product, id, title, against } = item;
  const won = <Money amount={item.profit} code={item.currency} tone />;
  if (kind === "challenge" || product === null) {
    return (
      <>
        <Person username={item.username}>{item.display_name ?? item.username}</Person> won {won}
        {against && (
          <>
            {" "}
            against <Person username={against}>{against}</Person>
          </>
        )}
        :{" "}
        <Link to="/c/$token" params={{ token: id }} className="hover:underline">
          {title}
        </Link>
      </>
    );
  }
  return (
    <>
      <Person username={item.username}>{item.display_name ?? item.username}</Person> won {won} with{" "}
      <Money amount={item.turnover} /> on <SettledLink product={product} id={id} title={title} />
    </>
  );
}

function Person({ username, children }: { username: string; children: ReactNode }) {
  return (
    <Link to="/people/$username" params={{ username }} className="font-medium hover:underline">
      {children}
    </Link>
  );
}
