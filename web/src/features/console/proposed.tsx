/** What a proposal is about, by its name and not its number, and what is to become of it. */
import { useQuery } from "@tanstack/react-query";
import { capital } from "@/core";
import { call, http, type Schemas } from "@/data";
import { Asked, Facts, Moment, Money } from "@/ui";
import { Id } from "./places";

type Approval = Schemas["Approval"];
type Body = Readonly<Record<string, unknown>>;
type Fact = readonly [string, string];

interface About {
  readonly what: string;
  readonly id: string;
  readonly body: Body;
}

/** Say what is proposed as people say it; nothing is said where the number is all there is. */
export function Proposed({ approval: { what, target, body } }: { approval: Approval }) {
  const about = { what, id: target ?? "", body: body ?? {} };
  if (typeof about.body["amount"] === "string") return <OfMoney body={about.body} />;
  if (!target) return null;
  if (/market$/.test(what)) return <OfMarket {...about} />;
  if (/_event(_|$)/.test(what)) return <OfEvent {...about} />;
  if (/round$/.test(what)) return <OfRound {...about} />;
  return /challenge$/.test(what) ? <OfChallenge {...about} /> : null;
}

const NAMED: Readonly<Record<string, string>> = {
  half_won: "half won",
  half_lost: "half lost",
};

function texts(of: unknown): readonly string[] {
  return Array.isArray(of) ? of.map(String) : [];
}

/** Facts of which some are only there if something is said. */
function said(...facts: readonly (Fact | false)[]): readonly Fact[] {
  return facts.filter((each): each is Fact => each !== false && each[1] !== "");
}

function correction(body: Body): Fact | false {
  return body["correction"] === true && ["Correction", "The result before is taken back"];
}

function OfMarket({ what, id, body }: About) {
  const market = useQuery({
    queryKey: ["console", "market", id],
    queryFn: ({ signal }) =>
      call(http.GET("/v1/exchange/markets/{id}", { params: { path: { id } }, signal })),
  });
  return (
    <Asked query={market} rows={2}>
      {({ name, event, runners }) => {
        const names = (ids: unknown) =>
          texts(ids)
            .map((each) => runners.find((runner) => runner.id === each)?.name ?? each)
            .join(", ");
        const settles = what === "settle_market";
        return (
          <Facts
            items={[
              [
                "Market",
                <Id key="m" id={id}>
                  {name}
                </Id>,
              ],
              ...said(
                ["Contest", event ?? ""],
                settles && ["Winners", names(body["winners"]) || "Nobody: all lays win"],
                settles && ["Tied for the last place", names(body["tied"])],
                correction(body),
              ),
            ]}
          />
        );
      }}
    </Asked>
  );
}

function OfEvent({ what, id, body }: About) {
  const event = useQuery({
    queryKey: ["console", "event", id],
    queryFn: ({ signal }) =>
      call(http.GET("/v1/sportsbook/events/{id}", { params: { path: { id } }, signal })),
  });
  return (
    <Asked query={event} rows={2}>
      {(found) => (
        <Facts
          items={[
            [
              "Event",
              <Id key="e" kind="event" id={id}>
                {found.title}
              </Id>,
            ],
            ...said(
              ...(what === "settle_event" ? resultsOf(found, body) : [inMarkets(found, body)]),
              correction(body),
            ),
          ]}
        />
      )}
    </Asked>
  );
}

/** What each market's selections came to, market by market. */
function resultsOf({ markets }: Schemas["SportsbookEvent"], body: Body): readonly Fact[] {
  const given = Array.isArray(body["results"]) ? (body["results"] as Partial<Schemas["ResultBody"]>[]) : [];
  const results = given.map((each) => ({ market: "main", selection: "", result: "", ...each }));
  return [...new Set(results.map((each) => each.market))].map((key) => {
    const market = markets.find((each) => each.key === key);
    const outcomes = results
      .filter((each) => each.market === key)
      .map(({ selection, result, dead_heat }) => {
        const name = market?.selections.find((each) => each.key === selection)?.name ?? selection;
        return `${name}: ${NAMED[result] ?? result}${dead_heat ? ` (${dead_heat})` : ""}`;
      });
    return [market?.name ?? key, outcomes.join("; ")];
  });
}

function inMarkets({ markets }: Schemas["SportsbookEvent"], body: Body): Fact {
  const keys = texts(body["markets"]);
  return ["In", keys.map((key) => markets.find((each) => each.key === key)?.name ?? key).join(", ")];
}

function OfRound({ id, body }: About) {
  const [pool = "", code = ""] = id.split("/");
  const found = useQuery({
    queryKey: ["console", "pools"],
    queryFn: ({ signal }) => call(http.GET("/v1/pools", { signal })),
  });
  return (
    <Asked query={found} rows={2}>
      {({ items }) => (
        <Facts
          items={[
            ["Pool", items.find((each) => each.key === pool)?.name ?? pool],
            [
              "Round",
              <Id key="r" kind="round" id={id}>
                {code}
              </Id>,
            ],
            ...said(
              ["Result", body["result"] === "auto" ? "As the sources say" : capital(textOf(body["result"]))],
              ["Closing price", textOf(body["price"])],
              ["Why", textOf(body["reason"])],
              ["Why, against the sources", textOf(body["against_sources"])],
            ),
          ]}
        />
      )}
    </Asked>
  );
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

const OUTCOMES: Readonly<Record<string, string>> = {
  won: "Won: who backed it wins",
  lost: "Lost: who laid it wins",
  void: "Void: both have their stakes back",
};

function OfChallenge({ id, body }: About) {
  const challenge = useQuery({
    queryKey: ["console", "challenge", id],
    queryFn: ({ signal }) =>
      call(http.GET("/v1/challenges/{token}", { params: { path: { token: id } }, signal })),
  });
  return (
    <Asked query={challenge} rows={2}>
      {({ title, resolve_by: until }) => (
        <Facts
          items={[
            [
              "Challenge",
              <Id key="c" kind="challenge" id={id}>
                {title}
              </Id>,
            ],
            ...said(["How it ended", OUTCOMES[textOf(body["outcome"])] ?? ""]),
            ...(until ? ([["Decided until", <Moment key="u" at={until} />]] as const) : []),
          ]}
        />
      )}
    </Asked>
  );
}

function OfMoney({ body }: { body: Body }) {
  const id = textOf(body["user_id"]);
  const user = useQuery({
    queryKey: ["console", "user", id],
    queryFn: ({ signal }) => call(http.GET("/v1/users/{id}", { params: { path: { id } }, signal })),
    enabled: id !== "",
  });
  return (
    <Facts
      items={[
        [
          "Customer",
          <Id key="u" kind="customer" id={id}>
            {user.data?.username ?? id}
          </Id>,
        ],
        ["Amount", <Money key="a" amount={textOf(body["amount"])} code={textOf(body["currency"])} />],
        ...said(["To", textOf(body["destination"])], ["Reference", textOf(body["reference"])]),
      ]}
    />
  );
}
