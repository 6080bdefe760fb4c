/** Pools and their rounds, and one of each. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { counted } from "@/core";
import { call, http, type Schemas, useConfig } from "@/data";
import { Asked, Badge, Button, Facts, Moment, Money, Panel, Select, Table } from "@/ui";
import { useDeeds } from "./deed-dialog";
import { Actions, Listed, SearchField } from "./listed";
import { List, useList } from "./lists";
import { type Go, Id, type Place } from "./places";
import { Timeline } from "./records";
import { lock, newPool, newRound, roundCorrection, roundResult, roundVoid } from "./round-deeds";

type Round = Schemas["Round"];

const STATES = ["running", "open", "locked", "settled", "void"] as const;

function StatusBadge({ round }: { round: Round }) {
  const tone = round.status === "open" ? "good" : round.status === "locked" ? "warn" : "neutral";
  return (
    <span className="inline-flex gap-1">
      <Badge tone={tone}>{round.status}</Badge>
      {round.corrected && <Badge tone="warn">corrected</Badge>}
    </span>
  );
}

const code = (round: Round) => `${round.pool}/${round.code}`;

export function RoundsView({ place, go }: { place: Place; go: Go }) {
  const status = STATES.find((each) => each === place.status);
  const list = useList<Round>(
    ["rounds", status, place.q],
    (after, signal) =>
      call(
        http.GET("/v1/pools/rounds", {
          params: {
            query: { limit: 50, ...(status ? { status } : {}), ...(place.q ? { q: place.q } : {}), ...after },
          },
          signal,
        }),
      ),
    { every: 3_000 },
  );
  return (
    <div className="flex min-w-0 flex-col gap-4">
      <Pools />
      <Listed
        title="Rounds"
        filters={
          <>
            <SearchField place={place} go={go} placeholder="Pool or symbol" />
            <Select
              label="Status"
              hideLabel
              value={status ?? ""}
              onChange={(event) => go({ ...place, status: event.target.value })}
              options={[["", "Any status"], ...STATES.map((each) => [each, each] as const)]}
            />
          </>
        }
      >
        <RoundList list={list} />
      </Listed>
    </div>
  );
}

function RoundList({ list }: { list: ReturnType<typeof useList<Round>> }) {
  return (
    <List
      list={list}
      label="Rounds"
      rowKey={code}
      empty="No round fits"
      columns={[
        { key: "round", head: "Round", cell: (round) => <Id kind="round" id={code(round)} /> },
        { key: "status", head: "Status", cell: (round) => <StatusBadge round={round} /> },
        { key: "result", head: "Result", cell: (round) => round.result ?? "–" },
        {
          key: "up",
          head: "Up",
          isNumber: true,
          isExtra: true,
          cell: (round) => <Money amount={round.sides.up.staked} />,
        },
        {
          key: "down",
          head: "Down",
          isNumber: true,
          isExtra: true,
          cell: (round) => <Money amount={round.sides.down.staked} code={round.currency} />,
        },
        { key: "locks", head: "Locks", isExtra: true, cell: (round) => <Moment at={round.locks_at} /> },
        {
          key: "settles",
          head: "Result from",
          isExtra: "wide",
          cell: (round) => <Moment at={round.settles_at} />,
        },
      ]}
    />
  );
}

function usePoolList() {
  return useQuery({
    queryKey: ["console", "pools"],
    queryFn: ({ signal }) => call(http.GET("/v1/pools", { signal })),
    refetchInterval: 30_000,
  });
}

function Pools() {
  const [open, dialog] = useDeeds();
  const { currencies } = useConfig();
  const pools = usePoolList();
  const keys = pools.data?.items.map((pool) => pool.key) ?? [];
  return (
    <Panel
      title="Pools"
      flush
      actions={
        <>
          <Button disabled={keys.length === 0} onClick={() => open(newRound(keys))}>
            New round…
          </Button>
          <Button
            tone="primary"
            onClick={() => open(newPool(currencies.map((each) => [each.code, each.code] as const)))}
          >
            New pool…
          </Button>
        </>
      }
    >
      <Asked query={pools} rows={2}>
        {({ items }) => (
          <Table
            label="Pools"
            rows={items}
            rowKey={(pool) => pool.key}
            columns={[
              {
                key: "key",
                head: "Pool",
                cell: (pool) => (
                  <Id kind="pool" id={pool.key}>
                    {pool.name}
                  </Id>
                ),
              },
              { key: "symbol", head: "Symbol", cell: (pool) => pool.symbol },
              { key: "calendar", head: "Calendar", isExtra: true, cell: (pool) => pool.calendar },
              {
                key: "sources",
                head: "Sources",
                isExtra: true,
                cell: (pool) => pool.sources.map((each) => each.name).join(", "),
              },
              { key: "fee", head: "Fee", isNumber: true, cell: (pool) => `${pool.fee_bps / 100} %` },
            ]}
          />
        )}
      </Asked>
      {dialog}
    </Panel>
  );
}

export function PoolView({ id }: { id: string }) {
  const [open, dialog] = useDeeds();
  const pools = usePoolList();
  const list = useList<Round>(
    ["pool-rounds", id],
    (after, signal) =>
      call(
        http.GET("/v1/pools/{pool}/rounds", {
          params: { path: { pool: id }, query: { limit: 20, ...after } },
          signal,
        }),
      ),
    { every: 3_000 },
  );
  const pool = pools.data?.items.find((each) => each.key === id);
  return (
    <div className="grid grid-cols-1 items-start gap-4 lg:grid-cols-2">
      <div className="flex min-w-0 flex-col gap-4">
        <Panel
          title={pool?.name ?? id}
          actions={
            <Button size="small" onClick={() => open(newRound([id], id))}>
              New round…
            </Button>
          }
        >
          <Asked query={pools}>
            {() =>
              pool ? (
                <>
                  <Facts
                    items={[
                      ["Key", pool.key],
                      ["Symbol", pool.symbol],
                      ["Currency", pool.currency],
                      ["Fee", `${pool.fee_bps / 100} % of the losing side`],
                      ["Smallest stake", <Money key="m" amount={pool.min_stake} />],
                      [
                        "Largest stake",
                        pool.max_stake ? <Money key="value" amount={pool.max_stake} /> : "none",
                      ],
                      ["Calendar", pool.calendar],
                      ["Sources", pool.sources.map((each) => `${each.name} (${each.kind})`).join(", ")],
                      ["Quorum", `${pool.quorum}, within ${pool.tolerance_bps} bps`],
                    ]}
                  />
                  <p className="mt-3 max-w-prose text-xs text-ink-soft">{pool.rule}</p>
                </>
              ) : (
                <p className="text-sm text-ink-soft">There is no such pool.</p>
              )
            }
          </Asked>
        </Panel>
        <Timeline kind="pool" id={id} />
      </div>
      <Panel title="Its rounds" flush>
        <RoundList list={list} />
      </Panel>
      {dialog}
    </div>
  );
}

export function RoundView({ id }: { id: string }) {
  const [pool = "", name = ""] = id.split("/");
  const round = useQuery({
    queryKey: ["console", "round", id],
    queryFn: ({ signal }) =>
      call(http.GET("/v1/pools/{pool}/rounds/{code}", { params: { path: { pool, code: name } }, signal })),
    refetchInterval: 3_000,
  });
  return (
    <Asked query={round} rows={10}>
      {(found) => (
        <div className="grid grid-cols-1 items-start gap-4 lg:grid-cols-2">
          <RoundHead round={found} />
          <Timeline kind="round" id={id} />
        </div>
      )}
    </Asked>
  );
}

function RoundHead({ round }: { round: Round }) {
  const [open, dialog] = useDeeds();
  const isRunning = round.status === "open" || round.status === "locked";
  return (
    <Panel title={`Round ${code(round)}`} actions={<StatusBadge round={round} />}>
      <Actions>
        {round.status === "open" && (
          <Button size="small" onClick={() => open(lock(round))}>
            Lock…
          </Button>
        )}
        {round.status === "locked" && (
          <Button size="small" onClick={() => open(roundResult(round))}>
            Settle…
          </Button>
        )}
        {isRunning ? (
          <Button size="small" tone="danger" onClick={() => open(roundVoid(round))}>
            Void…
          </Button>
        ) : (
          <Button size="small" tone="danger" onClick={() => open(roundCorrection(round))}>
            Correct…
          </Button>
        )}
      </Actions>
      <Facts
        items={[
          [
            "Pool",
            <Id key="p" kind="pool" id={round.pool}>
              {round.pool}
            </Id>,
          ],
          ["Opened", <Moment key="o" at={round.opens_at} />],
          ["Locks", <Moment key="l" at={round.locks_at} />],
          ["Result from", <Moment key="s" at={round.settles_at} />],
          ["Up", <Side key="u" side={round.sides.up} currency={round.currency} />],
          ["Down", <Side key="d" side={round.sides.down} currency={round.currency} />],
          [
            "Fee",
            round.fee === null ? (
              `${round.fee_bps / 100} %`
            ) : (
              <Money key="value" amount={round.fee} code={round.currency} />
            ),
          ],
          [
            "Rounding",
            round.rounding === null ? (
              "–"
            ) : (
              <Money key="value" amount={round.rounding} code={round.currency} />
            ),
          ],
          ["Result", round.result ?? "–"],
          ...(round.void_reason ? ([["Why it is void", round.void_reason]] as const) : []),
          ["Compared with", round.reference_price ?? "–"],
          ["Closing price", round.closing_price ?? "–"],
          [
            "As customers see it",
            <Link
              key="c"
              to="/pools/$pool/$code"
              params={{ pool: round.pool, code: round.code }}
              className="text-accent underline underline-offset-2"
            >
              Round page, with its evidence
            </Link>,
          ],
        ]}
      />
      {dialog}
    </Panel>
  );
}

function Side({ side, currency }: { side: Schemas["RoundSide"]; currency: string }) {
  return (
    <>
      <Money amount={side.staked} code={currency} /> in {counted(side.bets, "bet")}
    </>
  );
}
