/** What waits for somebody, what contradicts itself, and what the house listens to. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { call, http, type Schemas } from "@/data";
import { Asked, Badge, classes, durationText, Empty, Moment, Panel, Table } from "@/ui";
import { List, useList } from "./lists";
import { Id, type Place, placeOf, To } from "./places";
import { useWaiting } from "./withdrawals-view";

export function OverviewView() {
  return (
    <div className="grid grid-cols-1 items-start gap-4 lg:grid-cols-2">
      <div className="lg:col-span-2">
        <Waiting />
      </div>
      <div className="flex min-w-0 flex-col gap-4">
        <Conflicts />
        <Disputes />
      </div>
      <div className="flex min-w-0 flex-col gap-4">
        <Feeds />
        <Ready />
      </div>
    </div>
  );
}

const WAITING: readonly (readonly [keyof Schemas["WaitingThings"], string, Place])[] = [
  ["approvals", "Proposals to decide", { view: "approvals", status: "pending" }],
  ["withdrawals", "Withdrawals", { view: "withdrawals" }],
  ["payouts", "Payouts on the chain", { view: "withdrawals" }],
  ["conflicts", "Contradictions", { view: "overview" }],
  ["disputed_challenges", "Disputed challenges", { view: "overview" }],
  ["quarantined", "Commands set aside", { view: "journal" }],
];

function Waiting() {
  const waiting = useWaiting();
  return (
    <Panel title="Waits for somebody" flush>
      <Asked query={waiting} rows={2}>
        {(counts) => (
          <ul className="grid grid-cols-2 gap-px overflow-hidden rounded-b-[11px] bg-line sm:grid-cols-3 lg:grid-cols-6">
            {WAITING.map(([key, label, place]) => (
              <li key={key} className="bg-raised">
                <Link
                  to="/console"
                  search={{ ...place }}
                  className="block h-full px-3 py-2 -outline-offset-2 hover:bg-sunken"
                >
                  <span
                    className={classes(
                      "block text-lg font-semibold tabular-nums",
                      counts[key] > 0 ? "text-warn" : "text-ink-soft",
                    )}
                  >
                    {counts[key]}
                  </span>
                  <span className="block text-xs text-ink-soft">{label}</span>
                </Link>
              </li>
            ))}
          </ul>
        )}
      </Asked>
    </Panel>
  );
}

const PRODUCTS: Readonly<Record<string, string>> = {
  exchange: "market",
  sportsbook: "event",
  pools: "pool",
  challenges: "challenge",
};

function Conflicts() {
  const conflicts = useQuery({
    queryKey: ["console", "conflicts"],
    queryFn: ({ signal }) => call(http.GET("/v1/conflicts", { signal })),
    refetchInterval: 10_000,
  });
  return (
    <Panel title="Contradictions" flush>
      <Asked query={conflicts} rows={2}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title="Nothing contradicts itself" />
          ) : (
            <Table
              label="Contradictions"
              rows={items}
              rowKey={(row) => `${row.product} ${row.id} ${row.what}`}
              columns={[
                { key: "product", head: "Product", isExtra: true, cell: (row) => row.product },
                {
                  key: "label",
                  head: "On",
                  cell: (row) => {
                    const place = placeOf(PRODUCTS[row.product] ?? "", row.id);
                    return place ? <To place={place}>{row.label}</To> : row.label;
                  },
                },
                { key: "what", head: "What contradicts what", cell: (row) => row.what },
              ]}
            />
          )
        }
      </Asked>
    </Panel>
  );
}

function Disputes() {
  const list = useList<Schemas["Challenge"]>(
    ["disputed"],
    (after, signal) =>
      call(
        http.GET("/v1/challenges", { params: { query: { disputed: true, limit: 20, ...after } }, signal }),
      ),
    { every: 10_000 },
  );
  return (
    <Panel title="Disputed challenges" flush>
      <List
        list={list}
        label="Disputed challenges"
        rowKey={(row) => row.token}
        empty="None is disputed"
        columns={[
          {
            key: "title",
            head: "Challenge",
            cell: (row) => (
              <Id kind="challenge" id={row.token}>
                {row.title}
              </Id>
            ),
          },
          {
            key: "said",
            head: "Resolver said",
            cell: (row) => row.resolver_outcome ?? "–",
          },
          {
            key: "by",
            head: "Rule by",
            isExtra: true,
            cell: (row) => (row.resolve_by ? <Moment at={row.resolve_by} /> : "–"),
          },
        ]}
      />
    </Panel>
  );
}

function Feeds() {
  const feeds = useQuery({
    queryKey: ["console", "feeds"],
    queryFn: ({ signal }) => call(http.GET("/v1/feeds", { signal })),
    refetchInterval: 5_000,
  });
  return (
    <Panel title="Feeds" flush>
      <Asked query={feeds} rows={3}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title="This house listens to nothing" />
          ) : (
            <Table
              label="Feeds"
              rows={items}
              rowKey={(row) => `${row.kind} ${row.name}`}
              columns={[
                {
                  key: "name",
                  head: "Feed",
                  cell: (row) => (
                    <span className="break-all">
                      {row.kind}: {row.name}
                    </span>
                  ),
                },
                {
                  key: "ok",
                  head: "State",
                  cell: (row) => (
                    <Badge tone={row.ok ? "good" : "bad"}>{row.ok ? "well" : "in trouble"}</Badge>
                  ),
                },
                {
                  key: "heard",
                  head: "Last heard",
                  isExtra: true,
                  cell: (row) => (row.last_heard_at ? <Moment at={row.last_heard_at} only="time" /> : "–"),
                },
                {
                  key: "lag",
                  head: "Behind",
                  isNumber: true,
                  isExtra: true,
                  cell: (row) => (row.lag_seconds === null ? "–" : durationText(row.lag_seconds * 1000)),
                },
                {
                  key: "why",
                  head: "Why, and what next",
                  cell: (row) => [row.error, row.next_step].filter(Boolean).join(" ") || "–",
                },
              ]}
            />
          )
        }
      </Asked>
    </Panel>
  );
}

function Ready() {
  const ready = useQuery({
    queryKey: ["console", "ready"],
    queryFn: ({ signal }) => readiness(signal),
    refetchInterval: 5_000,
  });
  return (
    <Panel title="The server" flush>
      <Asked query={ready} rows={3}>
        {({ checks }) => (
          <Table
            label="The server’s own checks"
            rows={checks}
            rowKey={(row) => row.name}
            columns={[
              { key: "name", head: "Part", cell: (row) => row.name },
              {
                key: "ok",
                head: "State",
                cell: (row) => <Badge tone={row.ok ? "good" : "bad"}>{row.ok ? "well" : "not ready"}</Badge>,
              },
              { key: "detail", head: "Detail", cell: (row) => row.detail },
            ]}
          />
        )}
      </Asked>
    </Panel>
  );
}

/** A server that is not ready says 503 with the same document, which is what one wants to see then. */
async function readiness(signal: AbortSignal): Promise<Schemas["Readiness"]> {
  const { data, error, response } = await http.GET("/readyz", { signal });
  const found = (data ?? error) as Schemas["Readiness"] | undefined;
  if (found?.checks) return found;
  throw new Error(`The server answered ${response.status}.`);
}
