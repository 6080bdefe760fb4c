/** The journal with its chain of hashes, and audits of the books against it. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { counted } from "@/core";
import { call, http } from "@/data";
import { Asked, Badge, Button, Empty, Field, Moment, Panel, tell } from "@/ui";
import { brokenIn, type JournalRecord } from "./chain";
import { useList } from "./lists";
import { type Go, Id, type Place } from "./places";
import { RecordBody, RecordList } from "./records";

export function JournalView({ place, go }: { place: Place; go: Go }) {
  const filter = {
    ...(place.kind ? { kind: place.kind } : {}),
    ...(place.actor ? { actor: place.actor } : {}),
  };
  const list = useList<JournalRecord>(
    ["journal", filter],
    (after, signal) =>
      call(http.GET("/v1/journal", { params: { query: { limit: 50, ...filter, ...after } }, signal })),
    { every: 5_000 },
  );
  return (
    <div className="grid grid-cols-1 items-start gap-4 lg:grid-cols-[minmax(0,1fr)_380px]">
      <Panel title="Journal" flush actions={<Filters key={JSON.stringify(filter)} place={place} go={go} />}>
        <RecordList list={list} empty="No record fits" />
      </Panel>
      <div className="flex min-w-0 flex-col gap-4">
        <ChainCheck list={list} isWhole={Object.keys(filter).length === 0} />
        <Audits />
      </div>
    </div>
  );
}

function Filters({ place, go }: { place: Place; go: Go }) {
  const [kind, setKind] = useState(place.kind ?? "");
  const [actor, setActor] = useState(place.actor ?? "");
  return (
    <search>
      <form
        className="flex flex-wrap items-end gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          go({ view: "journal", kind: kind.trim(), actor: actor.trim() });
        }}
      >
        <Field
          label="Command"
          hideLabel
          placeholder="Command, as SettleMarket"
          value={kind}
          onChange={(event) => setKind(event.target.value)}
        />
        <Field
          label="Actor"
          hideLabel
          placeholder="Actor, as customer:17"
          value={actor}
          onChange={(event) => setActor(event.target.value)}
        />
        <Button type="submit" size="small">
          Filter
        </Button>
        {(place.kind || place.actor) && (
          <Button size="small" tone="quiet" onClick={() => go({ view: "journal" })}>
            Show all
          </Button>
        )}
      </form>
    </search>
  );
}

/** What this browser found of the chain in the records that are listed. */
function ChainCheck({
  list,
  isWhole,
}: {
  list: ReturnType<typeof useList<JournalRecord>>;
  isWhole: boolean;
}) {
  const records = list.data?.pages.flatMap((page) => page.items) ?? [];
  const broken = brokenIn(records);
  const [first, last] = [records.at(-1), records[0]];
  return (
    <Panel title="Chain of hashes">
      {records.length === 0 ? (
        <p className="text-sm text-ink-soft">No records are listed.</p>
      ) : broken.size > 0 ? (
        <ul role="alert" className="flex flex-col gap-1 text-sm text-danger">
          {[...broken].map(([seq, problem]) => (
            <li key={seq}>
              Record <Id kind="record" id={String(seq)} />: {problem}
            </li>
          ))}
        </ul>
      ) : (
        <p className="text-sm">
          <Badge tone="good">It holds</Badge> This browser worked out the hashes of{" "}
          {counted(records.length, "record")}
          {isWhole && first && last
            ? ` (${first.seq} to ${last.seq}), and each follows from the one before`
            : ""}
          .
        </p>
      )}
    </Panel>
  );
}

export function RecordView({ id, go }: { id: string; go: Go }) {
  const record = useQuery({
    queryKey: ["console", "record", id],
    queryFn: ({ signal }) => call(http.GET("/v1/journal/{seq}", { params: { path: { seq: id } }, signal })),
  });
  const near = (seq: number) => () => go({ view: "record", id: String(seq) });
  return (
    <Panel
      title={`Record ${id}`}
      flush
      actions={
        record.data && (
          <>
            <Button size="small" disabled={record.data.seq <= 1} onClick={near(record.data.seq - 1)}>
              Earlier
            </Button>
            <Button size="small" onClick={near(record.data.seq + 1)}>
              Later
            </Button>
          </>
        )
      }
    >
      <Asked query={record}>
        {(found) => (
          <div className="p-3">
            <p className="mb-2 text-xs text-ink-soft">
              <Moment at={found.at} />
            </p>
            <RecordBody record={found} problem={brokenIn([found]).get(found.seq)} />
          </div>
        )}
      </Asked>
    </Panel>
  );
}

function Audits() {
  const queries = useQueryClient();
  const audits = useQuery({
    queryKey: ["console", "audits"],
    queryFn: ({ signal }) => call(http.GET("/v1/audits", { signal })),
    refetchInterval: (query) => (query.state.data?.running ? 1_000 : 15_000),
  });
  const begin = useMutation({
    mutationFn: () => call(http.POST("/v1/audits")),
    onSuccess: () => void queries.invalidateQueries({ queryKey: ["console", "audits"] }),
    onError: (error) => tell("Not begun", error.message, "bad"),
  });
  const running = audits.data?.running;
  return (
    <Panel
      title="Audits"
      flush
      actions={
        <Button
          size="small"
          tone="primary"
          busy={begin.isPending || Boolean(running)}
          onClick={() => begin.mutate()}
        >
          Audit now
        </Button>
      }
    >
      {running && (
        <div role="status" className="p-3 text-sm">
          <p>
            Replayed {running.records} of {running.of} records.
          </p>
          <progress className="w-full" max={running.of} value={running.records} aria-label="Audit" />
        </div>
      )}
      <Asked query={audits}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title="None yet">An audit plays the journal again and compares every table with it.</Empty>
          ) : (
            <ul>
              {items.map((row) => (
                <li key={row.id} className="border-b border-line/60 px-3 py-2 text-xs last:border-0">
                  <p className="flex items-baseline justify-between gap-2">
                    <Moment at={row.started_at} />
                    {row.trouble ? (
                      <Badge tone="bad">did not end</Badge>
                    ) : row.ended_at ? (
                      <Badge tone={row.problems?.length ? "bad" : "good"}>
                        {row.problems?.length ? counted(row.problems.length, "problem") : "clean"}
                      </Badge>
                    ) : (
                      <Badge>under way</Badge>
                    )}
                  </p>
                  {row.trouble && <p className="text-danger">{row.trouble}</p>}
                  {row.problems?.map((problem) => (
                    <p key={problem} className="text-danger break-words">
                      {problem}
                    </p>
                  ))}
                  {row.seq !== null && (
                    <p className="text-ink-soft">
                      Up to record <Id kind="record" id={String(row.seq)} />
                      {row.transfers !== null &&
                        `: ${counted(row.transfers, "transfer")}, ${counted(row.accounts ?? 0, "account")}`}
                      . Begun by {row.started_by}.
                    </p>
                  )}
                  {row.hash && <p className="text-2xs break-all text-ink-faint">{row.hash}</p>}
                </li>
              ))}
            </ul>
          )
        }
      </Asked>
    </Panel>
  );
}
