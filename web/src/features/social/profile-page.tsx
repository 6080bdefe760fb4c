/** Somebody as others see them: what they won and lost, day by day, and what was settled last. */
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { percentOf } from "@/core";
import { call, http, type Schemas, useMe } from "@/data";
import { Asked, Badge, Empty, Facts, Moment, Money, PageHead, Panel, Table } from "@/ui";
import { EquityCurve } from "./equity";
import { ratioText, returnText, shareText } from "./figures";
import { Filters, useChosen } from "./filters";
import { FollowButton } from "./follow-button";
import { Followers } from "./followers";
import { SettledLink } from "./settled-link";

type Figures = Schemas["Record"];
type Settled = Schemas["Settled"];

const EVERY_MS = 10_000;
const route = getRouteApi("/people/$username");

export function ProfilePage() {
  const { username } = route.useParams();
  const { product, currency } = useChosen(route.useSearch(), "all");
  const profile = useQuery({
    queryKey: ["profile", username, product, currency],
    queryFn: ({ signal }) =>
      call(
        http.GET("/v1/profiles/{username}", {
          params: { path: { username }, query: { product, currency } },
          signal,
        }),
      ),
    refetchInterval: EVERY_MS,
  });
  return (
    <Asked
      query={profile}
      rows={8}
      missing={
        <Empty
          isPage
          title="There is nothing to see here"
          action={
            <Link to="/leaders" className="text-accent underline">
              See the leaders
            </Link>
          }
        >
          Nobody is called {username}, or they keep it to themselves.
        </Empty>
      }
    >
      {(found) => <Shown profile={found} />}
    </Asked>
  );
}

function Shown({ profile: shown }: { profile: Schemas["Profile"] }) {
  const asked = route.useSearch();
  const navigate = route.useNavigate();
  const me = useMe();
  const wanted = useChosen(asked, "all");
  const { period, product, currency } = wanted;
  const isOwn = shown.username === me?.username;
  const choose = (changes: Readonly<Record<string, string>>) =>
    void navigate({ search: { ...asked, ...changes }, replace: true });
  const record = shown.records.find((each) => each.product === product && each.period === period);
  return (
    <>
      <PageHead
        title={shown.display_name ?? shown.username}
        note={
          <>
            {shown.display_name && `${shown.username} · `}here since <Moment at={shown.joined_at} />
          </>
        }
        actions={
          isOwn ? (
            <Link to="/account" search={{ view: "profile" }} className="text-sm text-accent underline">
              Change what is shown
            </Link>
          ) : (
            <FollowButton profile={shown} currency={currency} />
          )
        }
      />
      <div className="mb-4 flex flex-wrap gap-2">
        {shown.visibility !== "public" && (
          <Badge>{shown.visibility === "private" ? "private" : "figures only"}</Badge>
        )}
        {!shown.listed && <Badge>not on the leaderboard</Badge>}
        {shown.copyable && (
          <Badge tone="good">
            can be copied
            {shown.performance_fee !== "0" && ` for ${percentOf(shown.performance_fee)} % of the profit`}
          </Badge>
        )}
        {shown.bio && <p className="text-sm break-words">{shown.bio}</p>}
      </div>
      <Filters chosen={wanted} choose={choose} />
      <div className="grid items-start gap-4 lg:grid-cols-2">
        <Panel title="Record">{record ? <Numbers record={record} currency={currency} /> : <Nothing />}</Panel>
        <Panel title="Day by day">
          {shown.equity.length > 0 ? <EquityCurve points={shown.equity} /> : <Nothing />}
        </Panel>
        {shown.recent && (
          <Panel title="Settled last" flush className="lg:col-span-2">
            {shown.recent.length > 0 ? <Recent items={shown.recent} /> : <Nothing />}
          </Panel>
        )}
        {isOwn && <Followers isCopyable={shown.copyable} />}
      </div>
      <p className="mt-2 text-xs text-ink-soft">
        Of what was settled up to <Moment at={shown.as_of} />; days are UTC's.
      </p>
    </>
  );
}

function Nothing() {
  return <Empty title="Nothing was settled in this time" />;
}

function Numbers({ record, currency }: { record: Figures; currency: string }) {
  return (
    <Facts
      items={[
        ["Profit", <Money key="profit" amount={record.profit} code={currency} tone />],
        ["Turnover", <Money key="turnover" amount={record.turnover} code={currency} />],
        ["Return on turnover", returnText(record.roi)],
        ["Won", `${record.won} of ${record.settled} (${shareText(record.win_rate)})`],
        ["Longest streak", record.longest_streak],
        ["Largest drawdown, by day", <Money key="drawdown" amount={record.max_drawdown} code={currency} />],
        ["Sharpe ratio", ratioText(record.sharpe)],
        ["Better than closing odds", returnText(record.closing_value)],
        ["Bets", record.bets],
      ]}
    />
  );
}

function Recent({ items }: { items: readonly Settled[] }) {
  return (
    <Table
      label="Settled last"
      rows={items}
      rowKey={(item) => `${item.product} ${item.id} ${item.at}`}
      columns={[
        { key: "at", head: "When", isExtra: true, cell: (item) => <Moment at={item.at} /> },
        { key: "what", head: "What", cell: (item) => <SettledLink {...item} /> },
        {
          key: "turnover",
          head: "Staked",
          isNumber: true,
          isExtra: true,
          cell: (item) => <Money amount={item.turnover} />,
        },
        {
          key: "profit",
          head: "Profit",
          isNumber: true,
          cell: (item) => <Money amount={item.profit} tone />,
        },
      ]}
    />
  );
}
