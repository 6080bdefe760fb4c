/** The operators' console. What is looked at stands in the address; every id leads to what it names. */
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { type FormEvent, type ReactNode, useState } from "react";
import { call, http, isOperator, useMe } from "@/data";
import { Asked, Badge, Button, classes, Empty, Field, PageHead, Panel, useShownIn } from "@/ui";
import { ApprovalsView, ApprovalView } from "./approvals-view";
import { BetView, ChallengeView, OrderView } from "./bet-view";
import { CustomerView } from "./customer-view";
import { CustomersView } from "./customers-view";
import { EventsView, EventView } from "./event-view";
import { HouseView } from "./house-view";
import { JournalView, RecordView } from "./journal-view";
import { LedgerView, TransferView } from "./ledger-view";
import { MarketsView, MarketView } from "./market-view";
import { OverviewView } from "./overview-view";
import { type Go, type Place, placeOf, To } from "./places";
import { PoolView, RoundsView, RoundView } from "./round-view";
import { useWaiting, WithdrawalsView } from "./withdrawals-view";

const route = getRouteApi("/console");

const SECTIONS = [
  ["overview", "Overview"],
  ["approvals", "Approvals"],
  ["markets", "Markets"],
  ["events", "Events"],
  ["rounds", "Rounds"],
  ["customers", "Customers"],
  ["withdrawals", "Withdrawals"],
  ["house", "House"],
  ["ledger", "Ledger"],
  ["journal", "Journal"],
] as const;

/** The section in which a thing's page is. */
const WITHIN: Readonly<Record<string, string>> = {
  approval: "approvals",
  market: "markets",
  order: "markets",
  event: "events",
  bet: "events",
  round: "rounds",
  pool: "rounds",
  customer: "customers",
  challenge: "overview",
  transfer: "ledger",
  record: "journal",
};

export function ConsolePage() {
  const me = useMe();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  if (me === undefined) return null;
  if (!isOperator(me))
    return (
      <Empty
        title="This is for operators"
        action={
          <Link to="/login" className="text-accent underline">
            Log in
          </Link>
        }
      >
        {me ? `You are logged in as ${me.username ?? me.name}, who is none.` : "Log in as one to see it."}
      </Empty>
    );
  const place: Place = { ...search, view: search.view ?? "overview" };
  const go: Go = (next) =>
    void navigate({ search: Object.fromEntries(Object.entries(next).filter(([, value]) => value)) });
  const section = WITHIN[place.view] ?? place.view;
  return (
    <>
      <PageHead
        title="Console"
        actions={<Finder key={place.view === "search" ? place.q : ""} place={place} go={go} />}
      />
      <div className="grid grid-cols-1 gap-4 xl:grid-cols-[10.5rem_minmax(0,1fr)]">
        <Sections chosen={section} />
        <div className="min-w-0">
          <View key={`${place.view} ${place.id ?? ""}`} place={place} go={go} />
        </div>
      </div>
    </>
  );
}

function Sections({ chosen }: { chosen: string }) {
  const waiting = useWaiting().data;
  const counts: Readonly<Record<string, number | undefined>> = {
    approvals: waiting?.approvals,
    withdrawals: waiting?.withdrawals,
    overview: waiting && waiting.conflicts + waiting.disputed_challenges,
  };
  // On a phone the list is wider than the window: where one is stands in view, also when a count has moved it.
  const list = useShownIn<HTMLUListElement>(`[data-view="${chosen}"]`, JSON.stringify(counts));
  return (
    <nav aria-label="Console" className="min-w-0">
      <ul
        ref={list}
        className="flex gap-1 overflow-x-auto border-b border-line pb-1 xl:sticky xl:top-10 xl:flex-col xl:border-0"
      >
        {SECTIONS.map(([view, label]) => (
          <li key={view} data-view={view}>
            <Link
              to="/console"
              search={{ view }}
              aria-current={chosen === view ? "page" : undefined}
              className={classes(
                "target flex items-center justify-between gap-2 rounded-md px-2.5 text-sm whitespace-nowrap hover:bg-sunken",
                chosen === view ? "bg-sunken font-medium text-ink" : "text-ink-soft",
              )}
            >
              {label}
              {(counts[view] ?? 0) > 0 && <Badge tone="warn">{counts[view]}</Badge>}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function View({ place, go }: { place: Place; go: Go }): ReactNode {
  const { view, id } = place;
  if (id) {
    switch (view) {
      case "market":
        return <MarketView id={id} />;
      case "event":
        return <EventView id={id} />;
      case "round":
        return <RoundView id={id} />;
      case "pool":
        return <PoolView id={id} />;
      case "customer":
        return <CustomerView id={id} />;
      case "challenge":
        return <ChallengeView id={id} />;
      case "order":
        return <OrderView id={id} />;
      case "bet":
        return <BetView id={id} />;
      case "transfer":
        return <TransferView id={id} />;
      case "record":
        return <RecordView id={id} go={go} />;
      case "approval":
        return <ApprovalView id={id} />;
    }
  }
  switch (view) {
    case "overview":
      return <OverviewView />;
    case "approvals":
      return <ApprovalsView place={place} go={go} />;
    case "markets":
      return <MarketsView place={place} go={go} />;
    case "events":
      return <EventsView place={place} go={go} />;
    case "rounds":
      return <RoundsView place={place} go={go} />;
    case "customers":
      return <CustomersView place={place} go={go} />;
    case "withdrawals":
      return <WithdrawalsView />;
    case "house":
      return <HouseView place={place} go={go} />;
    case "ledger":
      return <LedgerView place={place} go={go} />;
    case "journal":
      return <JournalView place={place} go={go} />;
    case "search":
      return <Found words={place.q ?? ""} />;
    default:
      return <Empty title="There is no such view">Choose one of those in the list.</Empty>;
  }
}

function Finder({ place, go }: { place: Place; go: Go }) {
  const [words, setWords] = useState(place.view === "search" ? (place.q ?? "") : "");
  const find = (event: FormEvent) => {
    event.preventDefault();
    if (words.trim()) go({ view: "search", q: words.trim() });
  };
  return (
    <search>
      <form className="flex items-end gap-1.5" onSubmit={find}>
        <Field
          label="Find anything"
          hideLabel
          type="search"
          placeholder="Any id, reference or name"
          value={words}
          maxLength={200}
          onChange={(event) => setWords(event.target.value)}
        />
        <Button type="submit">Find</Button>
      </form>
    </search>
  );
}

function Found({ words }: { words: string }) {
  const isAccount = /^[a-z]+(_[0-9]+)?\.[A-Z0-9]+\.[a-z]+$/.test(words);
  const found = useQuery({
    queryKey: ["console", "search", words],
    queryFn: ({ signal }) => call(http.GET("/v1/search", { params: { query: { q: words } }, signal })),
    enabled: words !== "" && !isAccount,
  });
  if (isAccount)
    return (
      <Panel title="Found">
        <To place={{ view: "ledger", id: words }}>Account {words}</To>
      </Panel>
    );
  return (
    <Panel title={`What fits “${words}”`}>
      <Asked query={found} rows={3}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title="Nothing was found">
              Ids are found whole; payments by the beginning of their reference, customers by that of their
              name or e-mail address.
            </Empty>
          ) : (
            <ul className="flex flex-col gap-2 text-sm">
              {items.map((hit) => {
                const place = placeOf(hit.kind, hit.id);
                const text = hit.label ? `${hit.label} (${hit.id})` : hit.id;
                return (
                  <li key={`${hit.kind} ${hit.id}`}>
                    <span className="inline-block w-24 text-ink-soft">{hit.kind}</span>{" "}
                    {place ? <To place={place}>{text}</To> : text}
                  </li>
                );
              })}
            </ul>
          )
        }
      </Asked>
    </Panel>
  );
}
