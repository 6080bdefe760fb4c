/** The sportsbook's events, and what an operator does with them. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { call, http, newKey, type Schemas } from "@/data";
import {
  Badge,
  Button,
  Dialog,
  Empty,
  Failed,
  Field,
  Loading,
  Moment,
  Panel,
  Select,
  Table,
  tell,
} from "@/ui";
import { type Deed, DeedDialog } from "./deed-dialog";

type Event = Schemas["SportsbookEvent"];
type Result = Schemas["ResultBody"];

export function EventsView() {
  const [words, setWords] = useState("");
  const [settling, setSettling] = useState<Event>();
  const [deed, setDeed] = useState<Deed>();
  const events = useQuery({
    queryKey: ["console-events", words],
    queryFn: ({ signal }) =>
      call(
        http.GET("/v1/sportsbook/events", {
          params: { query: { status: "all", limit: 50, ...(words ? { q: words } : {}) } },
          signal,
        }),
      ),
    refetchInterval: 5_000,
  });
  const voiding = (event: Event): Deed => ({
    what: "void_event",
    id: event.id,
    title: `Void ${event.title}`,
    act: (key) =>
      call(
        http.POST("/v1/sportsbook/events/{id}/void", {
          params: { path: { id: event.id }, header: { "Idempotency-Key": key } },
        }),
      ),
  });
  return (
    <Panel
      title="Events"
      flush
      actions={
        <Field
          label="Search"
          hideLabel
          type="search"
          placeholder="Search"
          value={words}
          onChange={(event) => setWords(event.target.value)}
        />
      }
    >
      {events.isPending ? (
        <Loading rows={6} />
      ) : events.error ? (
        <Failed error={events.error} retry={() => void events.refetch()} />
      ) : events.data.items.length === 0 ? (
        <Empty title="No event fits" />
      ) : (
        <Table
          label="Events"
          rows={events.data.items}
          rowKey={(event) => event.id}
          columns={[
            {
              key: "title",
              head: "Event",
              cell: (event) => (
                <Link to="/sports/$event" params={{ event: event.id }} className="text-accent underline">
                  {event.title}
                </Link>
              ),
            },
            {
              key: "status",
              head: "Status",
              cell: (event) => (
                <Badge tone={event.suspended ? "warn" : event.status === "new" ? "good" : "neutral"}>
                  {event.suspended ? "suspended" : event.status}
                </Badge>
              ),
            },
            {
              key: "until",
              head: "Bets until",
              isExtra: true,
              cell: (event) => <Moment at={event.deadline} />,
            },
            {
              key: "do",
              head: <span className="sr-only">What to do</span>,
              isNumber: true,
              cell: (event) => (
                <span className="inline-flex flex-wrap justify-end gap-1">
                  <Hold event={event} />
                  <Button size="small" onClick={() => setSettling(event)}>
                    {event.status === "finished" ? "Correct" : "Settle"}
                  </Button>
                  <Button size="small" tone="danger" onClick={() => setDeed(voiding(event))}>
                    Void
                  </Button>
                </span>
              ),
            },
          ]}
        />
      )}
      {settling && (
        <Results
          event={settling}
          onClose={() => setSettling(undefined)}
          onChosen={(next) => {
            setSettling(undefined);
            setDeed(next);
          }}
        />
      )}
      {deed && <DeedDialog deed={deed} onClose={() => setDeed(undefined)} />}
    </Panel>
  );
}

function Hold({ event }: { event: Event }) {
  const queries = useQueryClient();
  const hold = useMutation({
    mutationFn: (deed: "suspend" | "resume") =>
      call(
        http.POST(`/v1/sportsbook/events/{id}/${deed}`, {
          params: { path: { id: event.id }, header: { "Idempotency-Key": newKey() } },
        }),
      ),
    onSuccess: () => void queries.invalidateQueries({ queryKey: ["console-events"] }),
    onError: (error) => tell("Not done", error.message, "bad"),
  });
  if (event.status !== "new") return null;
  return (
    <Button
      size="small"
      busy={hold.isPending}
      onClick={() => hold.mutate(event.suspended ? "resume" : "suspend")}
    >
      {event.suspended ? "Resume" : "Suspend"}
    </Button>
  );
}

const OUTCOMES: readonly (readonly [Result["result"], string])[] = [
  ["won", "won"],
  ["lost", "lost"],
  ["void", "void"],
  ["half_won", "half won"],
  ["half_lost", "half lost"],
];

function Results({
  event,
  onClose,
  onChosen,
}: {
  event: Event;
  onClose: () => void;
  onChosen: (deed: Deed) => void;
}) {
  const [chosen, setChosen] = useState<ReadonlyMap<string, Result>>(new Map());
  const set = (market: string, selection: string, result: string) => {
    const next = new Map(chosen);
    const name = JSON.stringify([market, selection]);
    if (result) next.set(name, { market, selection, result: result as Result["result"] });
    else next.delete(name);
    setChosen(next);
  };
  const body = { results: [...chosen.values()], correction: event.status === "finished" };
  return (
    <Dialog
      open
      onClose={onClose}
      title={`How did ${event.title} end?`}
      note="In a market of which a selection is named, the others have lost."
      wide
    >
      <div className="flex flex-col gap-4">
        {event.markets.map((market) => (
          <fieldset key={market.key} className="grid gap-2 sm:grid-cols-2">
            <legend className="mb-1 text-sm font-medium">{market.name}</legend>
            {market.selections.map((selection) => (
              <Select
                key={selection.key}
                label={selection.name}
                value={chosen.get(JSON.stringify([market.key, selection.key]))?.result ?? ""}
                onChange={(change) => set(market.key, selection.key, change.target.value)}
                options={[["", "–"], ...OUTCOMES]}
              />
            ))}
          </fieldset>
        ))}
      </div>
      <div className="mt-4 flex justify-end gap-2">
        <Button onClick={onClose}>Leave it</Button>
        <Button
          tone="primary"
          disabled={chosen.size === 0}
          onClick={() =>
            onChosen({
              what: "settle_event",
              id: event.id,
              body,
              title: `Settle ${event.title}`,
              act: (key) =>
                call(
                  http.POST("/v1/sportsbook/events/{id}/settle", {
                    params: { path: { id: event.id }, header: { "Idempotency-Key": key } },
                    body,
                  }),
                ),
            })
          }
        >
          Show what that does
        </Button>
      </div>
    </Dialog>
  );
}
