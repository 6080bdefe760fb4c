/** The leaderboard: who did best in a period, by what one chooses. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useCallback } from "react";
import { moneyText, type StateMessage } from "@/core";
import { call, http, type Schemas, useChannel, useMe } from "@/data";
import { Asked, Badge, classes, Empty, Moment, Money, PageHead, Panel, Select, Table } from "@/ui";
import { boardAfter, type Board as Told } from "./board";
import { Feed } from "./feed";
import { ratioText, returnText, shareText } from "./figures";
import { type Chosen, chosen, Filters, useChosen } from "./filters";

type Leader = Schemas["Leader"];

const METRICS = [
  ["profit", "Profit"],
  ["roi", "Return on turnover"],
  ["win_rate", "Won"],
  ["sharpe", "Sharpe ratio"],
  ["drawdown", "Smallest drawdown by day"],
] as const;

type Metric = (typeof METRICS)[number][0];

const route = getRouteApi("/leaders");

export function LeadersPage() {
  const asked = route.useSearch();
  const navigate = route.useNavigate();
  const me = useMe();
  const shown = useChosen(asked, "week");
  const { currency } = shown;
  const metric = chosen(METRICS, asked.metric, "profit");
  const board = useBoard({ ...shown, metric });
  const choose = (changes: Readonly<Record<string, string>>) =>
    void navigate({ search: { ...asked, ...changes }, replace: true });
  return (
    <>
      <PageHead
        title="Leaders"
        note="Of what was settled: days, weeks and months are UTC's"
        actions={
          me?.id && (
            <Link to="/following" className="text-sm text-accent underline">
              Whom you follow
            </Link>
          )
        }
      />
      <Filters chosen={shown} choose={choose}>
        <Select
          label="By"
          value={metric}
          onChange={(event) => choose({ metric: event.target.value })}
          options={METRICS}
        />
      </Filters>
      <Panel flush>
        <Asked query={board} rows={8}>
          {(found) =>
            found.items.length === 0 ? (
              <Empty title="Nobody has a place yet">
                {metric === "profit"
                  ? "Nothing was settled in this time."
                  : `It takes ${moneyText(found.minimum.turnover, { code: currency })} of turnover and ${found.minimum.bets} settled.`}
              </Empty>
            ) : (
              <Board leaders={found.items} by={metric} />
            )
          }
        </Asked>
      </Panel>
      {board.data && (
        <p className="mt-2 text-xs text-ink-soft">
          Up to <Moment at={board.data.as_of} />. A place by anything but profit takes{" "}
          <Money amount={board.data.minimum.turnover} code={currency} /> of turnover and{" "}
          {board.data.minimum.bets} settled.
        </p>
      )}
      <Feed currency={currency} />
    </>
  );
}

/** Read a board once, and have what changes of it. */
function useBoard(wanted: Chosen & { readonly metric: Metric }) {
  const client = useQueryClient();
  const id = [wanted.period, wanted.metric, wanted.product, wanted.currency].join("/");
  const take = useCallback(
    (message: StateMessage) => {
      // What was asked for before the stream told it is older.
      void client.cancelQueries({ queryKey: ["leaderboard", id] }, { silent: true, revert: false });
      client.setQueryData<Told>(["leaderboard", id], (before) => boardAfter(before, message));
    },
    [client, id],
  );
  useChannel("leaderboard", id, take);
  return useQuery({
    queryKey: ["leaderboard", id],
    queryFn: ({ signal }) =>
      call(http.GET("/v1/leaderboard", { params: { query: { ...wanted, limit: 100 } }, signal })),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** What the board is ordered by is shown however little room there is. */
function Board({ leaders, by }: { leaders: readonly Leader[]; by: Metric }) {
  const me = useMe();
  return (
    <Table
      label="Leaders"
      rows={leaders}
      rowKey={(leader) => leader.username}
      columns={[
        { key: "rank", head: "Place", isNumber: true, cell: (leader) => leader.rank },
        {
          key: "who",
          head: "Who",
          cell: (leader) => (
            <span className="flex items-center gap-2">
              <Link
                to="/people/$username"
                params={{ username: leader.username }}
                className={classes("hover:underline", leader.username === me?.username && "font-semibold")}
              >
                {leader.display_name ?? leader.username}
                {leader.username === me?.username && " (you)"}
              </Link>
              {leader.copyable && (
                <span className="max-md:hidden">
                  <Badge tone="good">can be copied</Badge>
                </span>
              )}
            </span>
          ),
        },
        {
          key: "profit",
          head: "Profit",
          isNumber: true,
          cell: (leader) => <Money amount={leader.profit} tone />,
        },
        { key: "roi", head: "Return", isNumber: true, cell: (leader) => returnText(leader.roi) },
        {
          key: "won",
          head: "Won",
          isNumber: true,
          isExtra: by !== "win_rate",
          cell: (leader) => shareText(leader.win_rate),
        },
        {
          key: "turnover",
          head: "Turnover",
          isNumber: true,
          isExtra: true,
          cell: (leader) => <Money amount={leader.turnover} />,
        },
        {
          key: "sharpe",
          head: "Sharpe",
          isNumber: true,
          isExtra: by !== "sharpe",
          cell: (leader) => ratioText(leader.sharpe),
        },
        {
          key: "drawdown",
          head: "Drawdown by day",
          isNumber: true,
          isExtra: by !== "drawdown",
          cell: (leader) => <Money amount={leader.max_drawdown} />,
        },
        { key: "settled", head: "Settled", isNumber: true, isExtra: true, cell: (leader) => leader.settled },
      ]}
    />
  );
}
