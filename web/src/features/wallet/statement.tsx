/** The statement: every movement with the balance after it, filtered, and as a file. */
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { call, http, type Schemas } from "@/data";
import {
  Asked,
  Badge,
  Button,
  Empty,
  Failed,
  Field,
  Moment,
  Money,
  Panel,
  Select,
  Table,
  ThingLink,
} from "@/ui";

type Transaction = Schemas["StatementLine"];

const KINDS: readonly (readonly [string, string])[] = [
  ["", "All"],
  ["deposit", "Deposits"],
  ["withdrawal", "Withdrawals"],
  ["transfer", "Payments"],
  ["stake", "Stakes"],
  ["payout", "Payouts"],
  ["release", "Released"],
  ["loss", "Losses"],
  ["commission", "Commission"],
  ["reversal", "Reversals"],
  ["advance", "Advances"],
  ["repayment", "Repayments"],
  ["performance_fee", "Leaders' fees"],
];

/** Return the beginning of the day after, in UTC: days that are named count to their end. */
function dayAfter(day: string): string {
  const start = Date.parse(`${day}T00:00:00Z`);
  return Number.isNaN(start) ? `${day}T00:00:00Z` : new Date(start + 86_400_000).toISOString();
}

interface Props {
  readonly user: string;
  readonly currency: string;
  readonly filters: {
    readonly kind?: string;
    readonly from?: string;
    readonly to?: string;
    readonly at?: string;
  };
  readonly change: (changes: Record<string, string>) => void;
}

export function Statement({ user, currency, filters, change }: Props) {
  const query = {
    currency,
    ...(filters.kind ? { kind: filters.kind as Transaction["kind"] } : {}),
    ...(filters.from ? { from: `${filters.from}T00:00:00Z` } : {}),
    ...(filters.to ? { to: dayAfter(filters.to) } : {}),
  };
  const movements = useInfiniteQuery({
    queryKey: ["transactions", user, query],
    queryFn: ({ pageParam, signal }) =>
      call(
        http.GET("/v1/users/{id}/transactions", {
          params: {
            path: { id: user },
            query: { ...query, limit: 50, ...(pageParam ? { after: pageParam } : {}) },
          },
          signal,
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (last) => last.next ?? undefined,
    refetchInterval: 10_000,
  });
  const rows = movements.data?.pages.flatMap((page) => page.items) ?? [];
  // The file has every kind: balances follow line by line only if none is left out.
  const { kind: _kind, ...selected } = { kind: undefined, ...query };
  const file = `/v1/users/${encodeURIComponent(user)}/statement.csv?${new URLSearchParams(selected)}`;
  return (
    <div className="flex flex-col gap-4">
      <div className="flex flex-wrap items-end gap-3">
        <Select
          label="Kind"
          value={filters.kind ?? ""}
          onChange={(event) => change({ kind: event.target.value })}
          options={KINDS}
        />
        <Field
          label="From (UTC)"
          type="date"
          value={filters.from ?? ""}
          onChange={(event) => change({ from: event.target.value })}
        />
        <Field
          label="Until, inclusive (UTC)"
          type="date"
          value={filters.to ?? ""}
          onChange={(event) => change({ to: event.target.value })}
        />
        <a
          href={file}
          download
          className="flex min-h-11 items-center rounded-md border border-line-strong bg-raised px-3 text-sm font-medium hover:bg-sunken md:min-h-9"
        >
          Save as CSV
        </a>
      </div>
      <Panel title="Movements" flush>
        <Asked query={movements} rows={6}>
          {() =>
            rows.length === 0 ? (
              <Empty
                title={filters.kind || filters.from || filters.to ? "Nothing fits" : "Nothing has moved yet"}
              >
                {`Every movement of ${currency} stands here with the balance after it.`}
              </Empty>
            ) : (
              <Table
                label="Movements"
                rows={rows}
                rowKey={(row) => `${row.id} ${row.direction}`}
                columns={[
                  { key: "at", head: "When", isExtra: true, cell: (row) => <Moment at={row.effective_at} /> },
                  { key: "what", head: "What", cell: (row) => <What row={row} /> },
                  {
                    key: "amount",
                    head: "Amount",
                    isNumber: true,
                    cell: (row) => (
                      <Money amount={row.direction === "in" ? row.amount : `-${row.amount}`} tone />
                    ),
                  },
                  {
                    key: "after",
                    head: "Cash after",
                    isNumber: true,
                    cell: (row) => <Money amount={row.balance_after} />,
                  },
                ]}
                after={
                  movements.hasNextPage && (
                    <div className="p-3">
                      <Button
                        size="small"
                        busy={movements.isFetchingNextPage}
                        onClick={() => void movements.fetchNextPage()}
                      >
                        Show earlier ones
                      </Button>
                    </div>
                  )
                }
              />
            )
          }
        </Asked>
      </Panel>
      <BalanceOn user={user} currency={currency} at={filters.at} change={change} />
    </div>
  );
}

const WORDS: Readonly<Record<Transaction["kind"], string>> = {
  deposit: "Deposit",
  withdrawal: "Withdrawal",
  transfer: "Payment",
  release: "Released",
  stake: "Stake",
  loss: "Lost bet",
  payout: "Won bet",
  commission: "Commission",
  advance: "Advance",
  repayment: "Repayment",
  reversal: "Reversal",
  performance_fee: "Leader's fee",
};

function What({ row }: { row: Transaction }) {
  return (
    <span className="flex flex-wrap items-center gap-x-2">
      {WORDS[row.kind]}
      {row.about && (
        <ThingLink {...row.about} className="min-w-0 break-words text-2xs text-ink-soft underline">
          {row.about.name}
        </ThingLink>
      )}
      {row.memo && <span className="text-2xs text-ink-faint break-words">{row.memo}</span>}
      {row.counterparty_username && (
        <span className="text-2xs text-ink-faint">
          {row.direction === "in" ? "from" : "to"}{" "}
          <Link
            to="/people/$username"
            params={{ username: row.counterparty_username }}
            className="text-ink-soft underline"
          >
            {row.counterparty_username}
          </Link>
        </span>
      )}
      <span className="w-full text-2xs text-ink-faint md:hidden">
        <Moment at={row.effective_at} />
      </span>
      {row.status !== "completed" && (
        <Badge tone={row.status === "pending" ? "warn" : "bad"}>{row.status}</Badge>
      )}
      {row.reversed_by && <Badge>reversed</Badge>}
    </span>
  );
}

/** Return the last moment of a day: `at` is inclusive. */
function endOf(day: string): string {
  return `${day}T23:59:59.999999999Z`;
}

/** What one had at the end of a day. */
function BalanceOn({
  user,
  currency,
  at,
  change,
}: {
  user: string;
  currency: string;
  at: string | undefined;
  change: Props["change"];
}) {
  const [day, setDay] = useState(at ?? "");
  const balance = useQuery({
    queryKey: ["balance-at", user, currency, at],
    queryFn: ({ signal }) =>
      call(
        http.GET("/v1/users/{id}/balance", {
          params: { path: { id: user }, query: { currency, at: endOf(at ?? "") } },
          signal,
        }),
      ),
    enabled: Boolean(at),
  });
  return (
    <Panel title="Balance on a day">
      <form
        className="flex flex-wrap items-end gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          change({ at: day });
        }}
      >
        <Field
          label="Day (until its end, UTC)"
          type="date"
          value={day}
          onChange={(event) => setDay(event.target.value)}
        />
        <Button type="submit" disabled={!day}>
          Show
        </Button>
        {balance.data && (
          <p role="status" className="text-sm">
            <Money amount={balance.data.cash} code={currency} className="font-semibold" /> in cash,{" "}
            <Money amount={balance.data.total} code={currency} /> in all
          </p>
        )}
      </form>
      {balance.error && <Failed error={balance.error} />}
    </Panel>
  );
}
