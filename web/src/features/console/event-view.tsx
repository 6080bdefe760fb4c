/** The sportsbook's events, and one of them with what the house may lose on it. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { call, http, type Schemas } from "@/data";
import { Asked, Badge, Button, Empty, Facts, Moment, Money, Panel, Select, Table } from "@/ui";
import { useDeeds } from "./deed-dialog";
import {
  cancellation,
  eventVoid,
  hold,
  keeping,
  results,
  rollBack,
  selectionRemoval,
  taking,
} from "./event-deeds";
import { newEvent, newOdds } from "./line-deeds";
import { Actions, Listed, SearchField } from "./listed";
import { List, useList } from "./lists";
import { type Go, Id, type Place } from "./places";
import { Timeline } from "./records";

type Event = Schemas["SportsbookEvent"];

function StatusBadge({ event }: { event: Event }) {
  return (
    <span className="inline-flex flex-wrap gap-1">
      <Badge tone={event.suspended ? "warn" : event.status === "new" ? "good" : "neutral"}>
        {event.suspended ? "suspended" : event.status === "new" ? "open" : event.status}
      </Badge>
      {event.stale && <Badge tone="bad">provider silent</Badge>}
    </span>
  );
}

export function EventsView({ place, go }: { place: Place; go: Go }) {
  const [open, dialog] = useDeeds();
  const status = place.status === "active" ? "active" : "all";
  const list = useList<Event>(
    ["events", status, place.q],
    (after, signal) =>
      call(
        http.GET("/v1/sportsbook/events", {
          params: { query: { status, limit: 50, ...(place.q ? { q: place.q } : {}), ...after } },
          signal,
        }),
      ),
    { every: 5_000 },
  );
  return (
    <Listed
      title="Events"
      filters={
        <>
          <SearchField place={place} go={go} placeholder="Title, competition or sport" />
          <Select
            label="Which"
            hideLabel
            value={status}
            onChange={(event) => go({ ...place, status: event.target.value })}
            options={[
              ["all", "All"],
              ["active", "Open for bets"],
            ]}
          />
          <Button tone="primary" onClick={() => open(newEvent((id) => go({ view: "event", id })))}>
            New event…
          </Button>
        </>
      }
    >
      <List
        list={list}
        label="Events"
        rowKey={(event) => event.id}
        empty={
          <Empty title="No event fits">
            Events, their odds and most results come from the line provider. It also publishes what you create
            here.
          </Empty>
        }
        columns={[
          {
            key: "title",
            head: "Event",
            cell: (event) => (
              <Id kind="event" id={event.id}>
                {event.title}
              </Id>
            ),
          },
          { key: "sport", head: "Sport", isExtra: true, cell: (event) => event.sport ?? "–" },
          {
            key: "competition",
            head: "Competition",
            isExtra: true,
            cell: (event) => event.competition ?? "–",
          },
          { key: "status", head: "Status", cell: (event) => <StatusBadge event={event} /> },
          {
            key: "until",
            head: "Bets until",
            isExtra: true,
            cell: (event) => <Moment at={event.deadline} />,
          },
        ]}
      />
      {dialog}
    </Listed>
  );
}

export function EventView({ id }: { id: string }) {
  const event = useQuery({
    queryKey: ["console", "event", id],
    queryFn: ({ signal }) =>
      call(http.GET("/v1/sportsbook/events/{id}", { params: { path: { id } }, signal })),
    refetchInterval: 3_000,
  });
  return (
    <Asked query={event} rows={10}>
      {(found) => (
        <div className="grid grid-cols-1 items-start gap-4 lg:grid-cols-2">
          <div className="flex min-w-0 flex-col gap-4">
            <Contradictions id={id} />
            <Head event={found} />
            <Markets event={found} />
          </div>
          <div className="flex min-w-0 flex-col gap-4">
            <Exposure event={id} />
            <Timeline kind="event" id={id} />
          </div>
        </div>
      )}
    </Asked>
  );
}

/** What saying how an event ended would be: the first word on it, another one, or of each some. */
function settlingOf({ status, markets }: Event): string {
  const settled = markets.filter((market) => market.status === "settled").length;
  if (status !== "new" || (settled > 0 && settled === markets.length)) return "Correct…";
  return settled === 0 ? "Settle…" : "Settle or correct…";
}

function Head({ event }: { event: Event }) {
  const [open, dialog] = useDeeds();
  const isDecided = event.markets.some((market) => market.status === "settled");
  const isVoid = event.status === "void";
  return (
    <Panel title={event.title} actions={<StatusBadge event={event} />}>
      <Actions>
        {event.status === "new" && (
          <>
            <Button size="small" onClick={() => open(newOdds(event))}>
              Change odds…
            </Button>
            <Button size="small" onClick={() => open(hold(event))}>
              {event.suspended ? "Resume…" : "Suspend…"}
            </Button>
          </>
        )}
        {!isVoid && (
          <>
            <Button size="small" onClick={() => open(results(event))}>
              {settlingOf(event)}
            </Button>
            {isDecided && (
              <Button size="small" onClick={() => open(rollBack(event))}>
                Take results back…
              </Button>
            )}
            <Button size="small" onClick={() => open(cancellation(event))}>
              Cancel bets…
            </Button>
            <Button size="small" onClick={() => open(selectionRemoval(event))}>
              Remove selection…
            </Button>
            <Button size="small" tone="danger" onClick={() => open(eventVoid(event))}>
              Void…
            </Button>
          </>
        )}
      </Actions>
      <Facts
        items={[
          ["Id", event.id],
          ["Sport", event.sport ?? "–"],
          ["Competition", event.competition ?? "–"],
          ["Starts", event.starts_at ? <Moment key="value" at={event.starts_at} /> : "–"],
          ["Bets until", <Moment key="d" at={event.deadline} />],
          ["Version", String(event.version)],
          ["Heard from", event.as_of ? <Moment key="value" at={event.as_of} only="time" /> : "–"],
          [
            "As customers see it",
            <Link
              key="c"
              to="/sports/$event"
              params={{ event: event.id }}
              className="text-accent underline underline-offset-2"
            >
              Event page
            </Link>,
          ],
        ]}
      />
      {dialog}
    </Panel>
  );
}

function Markets({ event }: { event: Event }) {
  const rows = event.markets.flatMap((market) =>
    market.selections.map((selection) => ({ market, selection })),
  );
  return (
    <Panel title="Markets" flush>
      <Table
        label="Markets and selections"
        rows={rows}
        rowKey={({ market, selection }) => JSON.stringify([market.key, selection.key])}
        columns={[
          { key: "market", head: "Market", cell: ({ market }) => market.name },
          { key: "name", head: "Selection", cell: ({ selection }) => selection.name },
          {
            key: "odds",
            head: "Odds",
            isNumber: true,
            cell: ({ selection }) => selection.odds,
          },
          {
            key: "status",
            head: "Status",
            cell: ({ market, selection }) => (
              <Badge>
                {selection.result ?? (selection.status === "open" ? market.status : selection.status)}
              </Badge>
            ),
          },
        ]}
      />
    </Panel>
  );
}

function Contradictions({ id }: { id: string }) {
  const [open, dialog] = useDeeds();
  const conflicts = useQuery({
    queryKey: ["console", "sportsbook-conflicts"],
    queryFn: ({ signal }) =>
      call(http.GET("/v1/sportsbook/conflicts", { params: { query: { limit: 200 } }, signal })),
    refetchInterval: 5_000,
  });
  const own = conflicts.data?.items.filter((each) => each.event_id === id) ?? [];
  if (own.length === 0) return dialog ?? null;
  const said = (declared: readonly Schemas["DeclaredResult"][]) =>
    declared.map((each) => `${each.selection} ${each.result.replace("_", " ")}`).join(", ");
  return (
    <Panel title="It contradicts itself">
      <ul className="flex flex-col gap-3">
        {own.map((each) => (
          <li key={each.market} className="flex flex-col gap-2">
            <Facts
              items={[
                ["Market", each.market],
                ["What stands", said(each.stands)],
                ["What was said later", said(each.contradicts)],
                ["Said", each.at ? <Moment key="value" at={each.at} /> : "–"],
              ]}
            />
            <div className="flex flex-wrap gap-2">
              <Button size="small" onClick={() => open(keeping(each))}>
                Keep what stands…
              </Button>
              <Button size="small" tone="danger" onClick={() => open(taking(each))}>
                Take what was said later…
              </Button>
            </div>
          </li>
        ))}
      </ul>
      {dialog}
    </Panel>
  );
}

export function Exposure({ event }: { event?: string }) {
  const exposure = useQuery({
    queryKey: ["console", "exposure", event],
    queryFn: ({ signal }) =>
      call(
        http.GET("/v1/sportsbook/exposure", {
          params: { query: event ? { event_id: event } : {} },
          signal,
        }),
      ),
    refetchInterval: 5_000,
  });
  return (
    <Panel title="What the sportsbook may lose" flush>
      <Asked query={exposure}>
        {({ items, accumulators }) => {
          const rows = [
            ...items.map((row) => ({ ...row, name: row.market_name })),
            ...accumulators.map((row) => ({ ...row, market: "", name: "Accumulators" })),
          ];
          if (rows.length === 0) return <Empty title="No open bets" />;
          return (
            <Table
              label="What the sportsbook may lose"
              rows={rows}
              rowKey={(row) => JSON.stringify([row.event_id, row.market, row.currency])}
              columns={[
                {
                  key: "event",
                  head: "Event",
                  cell: (row) => (
                    <Id kind="event" id={row.event_id}>
                      {row.title}
                    </Id>
                  ),
                },
                { key: "market", head: "Market", isExtra: true, cell: (row) => row.name },
                { key: "bets", head: "Bets", isNumber: true, cell: (row) => row.bets },
                {
                  key: "staked",
                  head: "Staked",
                  isNumber: true,
                  cell: (row) => <Money amount={row.staked} code={row.currency} />,
                },
                {
                  key: "worst",
                  head: "At worst",
                  isNumber: true,
                  cell: (row) => <Money amount={row.worst_case} code={row.currency} />,
                },
              ]}
            />
          );
        }}
      </Asked>
    </Panel>
  );
}
