/** The exchange's markets, and what an operator does with them. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { call, http, newKey, type Schemas } from "@/data";
import {
  Badge,
  Button,
  Check,
  Dialog,
  Empty,
  Failed,
  Field,
  Loading,
  Moment,
  Panel,
  Table,
  tell,
} from "@/ui";
import { type Deed, DeedDialog } from "./deed-dialog";

type Market = Schemas["Market"];

export function MarketsView() {
  const [words, setWords] = useState("");
  const [settling, setSettling] = useState<Market>();
  const [deed, setDeed] = useState<Deed>();
  const markets = useQuery({
    queryKey: ["console-markets", words],
    queryFn: ({ signal }) =>
      call(
        http.GET("/v1/exchange/markets", {
          params: { query: { limit: 50, ...(words ? { q: words } : {}) } },
          signal,
        }),
      ),
    refetchInterval: 5_000,
  });
  const voiding = (market: Market): Deed => ({
    what: "void_market",
    id: market.id,
    body: { correction: market.status === "settled" },
    title: `Void ${market.name}`,
    act: (key) =>
      call(
        http.POST("/v1/exchange/markets/{id}/void", {
          params: { path: { id: market.id }, header: { "Idempotency-Key": key } },
          body: { correction: market.status === "settled" },
        }),
      ),
  });
  return (
    <div className="flex flex-col gap-4">
      <CreateMarket />
      <Panel
        title="Markets"
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
        {markets.isPending ? (
          <Loading rows={6} />
        ) : markets.error ? (
          <Failed error={markets.error} retry={() => void markets.refetch()} />
        ) : markets.data.items.length === 0 ? (
          <Empty title="No market fits" />
        ) : (
          <Table
            label="Markets"
            rows={markets.data.items}
            rowKey={(market) => market.id}
            columns={[
              {
                key: "name",
                head: "Market",
                cell: (market) => (
                  <Link
                    to="/markets/$market"
                    params={{ market: market.id }}
                    className="text-accent underline"
                  >
                    {market.name}
                  </Link>
                ),
              },
              {
                key: "status",
                head: "Status",
                cell: (market) => (
                  <Badge
                    tone={
                      market.status === "open" ? "good" : market.status === "in_play" ? "live" : "neutral"
                    }
                  >
                    {market.status.replace("_", "-")}
                  </Badge>
                ),
              },
              {
                key: "starts",
                head: "Starts",
                isExtra: true,
                cell: (market) => <Moment at={market.starts_at} />,
              },
              {
                key: "do",
                head: <span className="sr-only">What to do</span>,
                isNumber: true,
                cell: (market) => (
                  <span className="inline-flex flex-wrap justify-end gap-1">
                    <Phases market={market} />
                    <Button size="small" onClick={() => setSettling(market)}>
                      {market.status === "settled" ? "Correct" : "Settle"}
                    </Button>
                    <Button size="small" tone="danger" onClick={() => setDeed(voiding(market))}>
                      Void
                    </Button>
                  </span>
                ),
              },
            ]}
          />
        )}
      </Panel>
      {settling && (
        <Winners
          market={settling}
          onClose={() => setSettling(undefined)}
          onChosen={(next) => {
            setSettling(undefined);
            setDeed(next);
          }}
        />
      )}
      {deed && <DeedDialog deed={deed} onClose={() => setDeed(undefined)} />}
    </div>
  );
}

/** Steps that move no money: they are done at once. */
function Phases({ market }: { market: Market }) {
  const queries = useQueryClient();
  const step = useMutation({
    mutationFn: (deed: "suspend" | "resume" | "in-play" | "close") =>
      call(
        http.POST(`/v1/exchange/markets/{id}/${deed}`, {
          params: { path: { id: market.id }, header: { "Idempotency-Key": newKey() } },
        }),
      ),
    onSuccess: () => void queries.invalidateQueries({ queryKey: ["console-markets"] }),
    onError: (error) => tell("Not done", error.message, "bad"),
  });
  const button = (label: string, deed: Parameters<typeof step.mutate>[0]) => (
    <Button key={deed} size="small" busy={step.isPending} onClick={() => step.mutate(deed)}>
      {label}
    </Button>
  );
  if (market.status === "suspended") return [button("Resume", "resume"), button("Close", "close")];
  if (market.status === "open") return [button("Suspend", "suspend"), button("In-play", "in-play")];
  if (market.status === "in_play") return [button("Suspend", "suspend"), button("Close", "close")];
  return null;
}

function Winners({
  market,
  onClose,
  onChosen,
}: {
  market: Market;
  onClose: () => void;
  onChosen: (deed: Deed) => void;
}) {
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [isDeadHeat, setIsDeadHeat] = useState(false);
  const toggle = (id: string) =>
    setChosen(chosen.includes(id) ? chosen.filter((each) => each !== id) : [...chosen, id]);
  const body = { winners: [...chosen], dead_heat: isDeadHeat, correction: market.status === "settled" };
  const go = () =>
    onChosen({
      what: "settle_market",
      id: market.id,
      body,
      title: `Settle ${market.name}: ${chosen.map((id) => market.runners.find((each) => each.id === id)?.name).join(", ") || "nobody won"}`,
      act: (key) =>
        call(
          http.POST("/v1/exchange/markets/{id}/settle", {
            params: { path: { id: market.id }, header: { "Idempotency-Key": key } },
            body,
          }),
        ),
    });
  return (
    <Dialog
      open
      onClose={onClose}
      title={`Who won ${market.name}?`}
      note={`${market.winners} of ${market.runners.length} can win.`}
    >
      <div className="flex flex-col gap-2">
        {market.runners
          .filter((runner) => runner.status !== "removed")
          .map((runner) => (
            <Check
              key={runner.id}
              label={runner.name}
              checked={chosen.includes(runner.id)}
              onChange={() => toggle(runner.id)}
            />
          ))}
        <hr className="border-line" />
        <Check
          label="A dead heat"
          checked={isDeadHeat}
          onChange={(event) => setIsDeadHeat(event.target.checked)}
        />
      </div>
      <div className="mt-4 flex justify-end gap-2">
        <Button onClick={onClose}>Leave it</Button>
        <Button tone="primary" onClick={go}>
          Show what that does
        </Button>
      </div>
    </Dialog>
  );
}

function CreateMarket() {
  const queries = useQueryClient();
  const [isOpen, setIsOpen] = useState(false);
  const [name, setName] = useState("");
  const [runners, setRunners] = useState("");
  const [startsAt, setStartsAt] = useState("");
  const [key, setKey] = useState(newKey);
  const create = useMutation({
    mutationFn: () =>
      call(
        http.POST("/v1/exchange/markets", {
          params: { header: { "Idempotency-Key": key } },
          body: {
            name,
            starts_at: new Date(startsAt).toISOString(),
            runners: runners
              .split("\n")
              .map((each) => each.trim())
              .filter(Boolean)
              .map((each) => ({ name: each })),
          } as Schemas["MarketBody"],
        }),
      ),
    onSuccess: () => {
      tell("The market is open");
      setIsOpen(false);
      setKey(newKey());
      void queries.invalidateQueries({ queryKey: ["console-markets"] });
    },
    onError: () => setKey(newKey()),
  });
  return (
    <div>
      <Button tone="primary" onClick={() => setIsOpen(true)}>
        New market
      </Button>
      <Dialog open={isOpen} onClose={() => setIsOpen(false)} title="A new market">
        <form
          className="flex flex-col gap-3"
          onSubmit={(event) => {
            event.preventDefault();
            create.mutate();
          }}
        >
          <Field label="Name" value={name} onChange={(event) => setName(event.target.value)} required />
          <Field
            label="Starts (your time)"
            type="datetime-local"
            value={startsAt}
            onChange={(event) => setStartsAt(event.target.value)}
            required
          />
          <label className="flex flex-col gap-1 text-xs font-medium text-ink-soft">
            Runners, one a line
            <textarea
              rows={5}
              required
              value={runners}
              onChange={(event) => setRunners(event.target.value)}
              className="rounded-md border border-line-strong bg-raised p-2 text-sm text-ink"
            />
          </label>
          {create.error && <Failed error={create.error} />}
          <Button type="submit" tone="primary" busy={create.isPending}>
            Open it
          </Button>
        </form>
      </Dialog>
    </div>
  );
}
