/** What happened to one: each leads to what it speaks of. Looking at the list marks it as read. */
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEffect } from "react";
import { call, http, type Schemas, useMe } from "@/data";
import { Asked, Button, Empty, Moment, Money, PageHead, Panel, ThingLink } from "@/ui";

type Notification = Schemas["Notification"];

const WORDS: Readonly<Record<Notification["kind"], string>> = {
  deposit_arrived: "A deposit has arrived",
  transfer_received: "Somebody paid you",
  withdrawal_paid: "A withdrawal was paid",
  withdrawal_returned: "A withdrawal was returned",
  order_matched: "An order was matched",
  market_settled: "A market was settled",
  singles_settled: "Bets on an event were settled",
  bet_settled: "A bet was settled",
  bet_cashed_out: "A bet was cashed out",
  bet_returned: "A stake was returned",
  challenge_taken: "Your challenge was taken",
  challenge_resolved: "A challenge was decided",
  challenge_settled: "A challenge was settled",
  challenge_expired: "A challenge has expired",
  round_settled: "A round was settled",
  login_from_new_place: "Somebody logged in from a new place",
  bet_copied: "A bet was copied",
  bet_skipped: "A bet was not copied",
};

/** Of these the amount is a result, with a sign; of the others what arrived or was matched. */
const IS_RESULT: ReadonlySet<Notification["kind"]> = new Set(["market_settled", "challenge_settled"]);

export function NotificationsPage() {
  const me = useMe();
  const queries = useQueryClient();
  const found = useInfiniteQuery({
    queryKey: ["notifications"],
    queryFn: ({ pageParam, signal }) =>
      call(
        http.GET("/v1/notifications", {
          params: { query: { limit: 30, ...(pageParam ? { after: pageParam } : {}) } },
          signal,
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (last) => last.next ?? undefined,
    enabled: Boolean(me?.id),
  });
  const read = useMutation({
    mutationFn: (upTo: string) => call(http.POST("/v1/notifications/read", { body: { up_to: upTo } })),
    onSuccess: () => void queries.invalidateQueries({ queryKey: ["unread"] }),
  });
  const all = found.data?.pages.flatMap((page) => page.items) ?? [];
  const newest = all.find((each) => each.unread)?.at;
  const { mutate } = read;
  useEffect(() => {
    if (newest) mutate(newest);
  }, [newest, mutate]);
  if (me === null)
    return (
      <Empty
        isPage
        title="Log in to see what happened"
        action={
          <Link to="/login" search={{ to: "/notifications" }} className="text-accent underline">
            Log in
          </Link>
        }
      />
    );
  return (
    <div className="mx-auto max-w-2xl">
      <PageHead title="What happened" />
      <Panel flush>
        <Asked query={found} rows={6}>
          {() =>
            all.length === 0 ? (
              <Empty title="Nothing yet" />
            ) : (
              <ul>
                {all.map((each) => (
                  <li
                    key={`${each.at} ${each.kind} ${each.about.id}`}
                    className="border-b border-line/60 last:border-0"
                  >
                    <About notification={each}>
                      <span className="flex items-baseline justify-between gap-3">
                        <span className="flex min-w-0 flex-wrap items-center gap-2 text-sm font-medium">
                          {each.unread && (
                            <span className="size-2 shrink-0 rounded-full bg-accent">
                              <span className="sr-only">New: </span>
                            </span>
                          )}
                          {WORDS[each.kind]}
                        </span>
                        {each.amount && (
                          <Money
                            amount={each.amount}
                            code={each.currency ?? ""}
                            tone={IS_RESULT.has(each.kind)}
                          />
                        )}
                      </span>
                      <span className="flex justify-between gap-3 text-2xs text-ink-faint">
                        <span className="min-w-0 break-words">{each.title}</span>
                        <Moment at={each.at} />
                      </span>
                    </About>
                  </li>
                ))}
              </ul>
            )
          }
        </Asked>
      </Panel>
      {found.hasNextPage && (
        <Button className="mt-3" busy={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
          Show earlier ones
        </Button>
      )}
    </div>
  );
}

function About({ notification, children }: { notification: Notification; children: React.ReactNode }) {
  const { kind, id } = notification.about;
  const look = "block px-3 py-2.5 hover:bg-sunken/60";
  switch (kind) {
    case "session":
      return (
        <Link to="/account" search={{ view: "sessions" }} className={look}>
          {children}
        </Link>
      );
    case "withdrawal":
      return (
        <Link to="/wallet" search={{ view: "withdraw" }} className={look}>
          {children}
        </Link>
      );
    case "order":
      return (
        <Link to="/orders/$order" params={{ order: id }} preload={false} className={look}>
          {children}
        </Link>
      );
    case "follow":
      return (
        <Link to="/following/$follow" params={{ follow: id }} className={look}>
          {children}
        </Link>
      );
    case "transaction":
      return (
        <Link
          to="/wallet"
          search={notification.currency ? { currency: notification.currency } : {}}
          className={look}
        >
          {children}
        </Link>
      );
    default:
      return (
        <ThingLink kind={kind} id={id} className={look}>
          {children}
        </ThingLink>
      );
  }
}
