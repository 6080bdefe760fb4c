/** The journal with its chain of hashes, and audits of the books against it. */
import { sha256 } from "@noble/hashes/sha2.js";
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { call, http, type Schemas } from "@/data";
import { Badge, Button, Empty, Failed, Loading, Moment, Panel, Table, tell } from "@/ui";

type JournalRecord = Schemas["JournalRecord"];

export function JournalView() {
  const records = useInfiniteQuery({
    queryKey: ["journal"],
    queryFn: ({ pageParam, signal }) =>
      call(
        http.GET("/v1/journal", {
          params: { query: { limit: 30, ...(pageParam ? { after: pageParam } : {}) } },
          signal,
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (last) => last.next ?? undefined,
  });
  return (
    <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,1fr)_360px]">
      <Panel
        title="Journal"
        flush
        actions={
          <Button size="small" onClick={() => void records.refetch()}>
            Refresh
          </Button>
        }
      >
        {records.isPending ? (
          <Loading rows={8} />
        ) : records.error ? (
          <Failed error={records.error} retry={() => void records.refetch()} />
        ) : (
          <>
            <Records records={records.data.pages.flatMap((page) => page.items)} />
            {records.hasNextPage && (
              <div className="p-3">
                <Button
                  size="small"
                  busy={records.isFetchingNextPage}
                  onClick={() => void records.fetchNextPage()}
                >
                  Show earlier ones
                </Button>
              </div>
            )}
          </>
        )}
      </Panel>
      <Audits />
    </div>
  );
}

export function Records({ records }: { records: readonly JournalRecord[] }) {
  if (records.length === 0) return <Empty title="Nothing is recorded" />;
  return (
    <ul>
      {records.map((record) => (
        <li key={record.seq} className="border-b border-line/60 px-3 py-2 last:border-0">
          <details>
            <summary className="flex flex-wrap items-baseline justify-between gap-x-3 text-sm">
              <span className="min-w-0">
                <span className="tabular-nums text-ink-faint">{record.seq}</span>{" "}
                <span className="font-medium">{nameOf(record.command)}</span>{" "}
                <span className="text-2xs text-ink-soft">{record.events.map(nameOf).join(", ")}</span>
              </span>
              <span className="text-2xs text-ink-faint">
                {record.actor} · <Moment at={record.at} />
              </span>
            </summary>
            <pre className="mt-2 max-h-80 overflow-auto rounded-md bg-sunken p-2 text-2xs">
              {JSON.stringify({ command: record.command, events: record.events }, null, 1)}
            </pre>
            <p className="mt-1 text-2xs break-all text-ink-faint">
              {record.hash} <ChainBadge record={record} />
            </p>
          </details>
        </li>
      ))}
    </ul>
  );
}

function nameOf(value: Record<string, unknown>): string {
  return String(value["type"] ?? value["name"] ?? Object.keys(value)[0] ?? "");
}

/** Whether the record's hash is that of the hash before, its place, its moment, its id and its payload. */
function ChainBadge({ record }: { record: JournalRecord }) {
  return (
    <Badge tone={isLinked(record) ? "good" : "bad"}>
      {isLinked(record) ? "hash holds" : "hash does not hold"}
    </Badge>
  );
}

function isLinked(record: JournalRecord): boolean {
  const number = (value: bigint) => {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setBigUint64(0, value);
    return bytes;
  };
  const hex = (text: string) => Uint8Array.from(text.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
  const payload = Uint8Array.from(atob(record.payload), (each) => each.charCodeAt(0));
  const parts = [
    hex(record.hash_before),
    number(BigInt(record.seq)),
    number(BigInt(record.at_ns)),
    hex(record.command_id),
    payload,
  ];
  const all = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let place = 0;
  for (const part of parts) {
    all.set(part, place);
    place += part.length;
  }
  return [...sha256(all)].map((each) => each.toString(16).padStart(2, "0")).join("") === record.hash;
}

function Audits() {
  const queries = useQueryClient();
  const audits = useQuery({
    queryKey: ["audits"],
    queryFn: ({ signal }) => call(http.GET("/v1/audits", { signal })),
    refetchInterval: (query) => (query.state.data?.running ? 1_000 : 15_000),
  });
  const begin = useMutation({
    mutationFn: () => call(http.POST("/v1/audits")),
    onSuccess: () => void queries.invalidateQueries({ queryKey: ["audits"] }),
    onError: (error) => tell("Not begun", error.message, "bad"),
  });
  return (
    <Panel
      title="Audits"
      flush
      actions={
        <Button
          size="small"
          tone="primary"
          busy={begin.isPending || Boolean(audits.data?.running)}
          onClick={() => begin.mutate()}
        >
          Audit now
        </Button>
      }
    >
      {audits.data?.running && (
        <p role="status" className="p-3 text-sm">
          Compared {audits.data.running.records} of {audits.data.running.of} records.
        </p>
      )}
      {audits.isPending ? (
        <Loading rows={3} />
      ) : audits.error ? (
        <Failed error={audits.error} retry={() => void audits.refetch()} />
      ) : audits.data.items.length === 0 ? (
        <Empty title="None yet">An audit plays the journal again and compares every table with it.</Empty>
      ) : (
        <Table
          label="Audits"
          rows={audits.data.items}
          rowKey={(row) => String(row.id)}
          columns={[
            { key: "at", head: "Begun", cell: (row) => <Moment at={row.started_at} /> },
            {
              key: "result",
              head: "Result",
              cell: (row) =>
                row.trouble ? (
                  <Badge tone="bad">{row.trouble}</Badge>
                ) : row.ended_at ? (
                  <Badge tone={row.problems?.length ? "bad" : "good"}>
                    {row.problems?.length ? `${row.problems.length} problems` : "clean"}
                  </Badge>
                ) : (
                  "under way"
                ),
            },
            { key: "seq", head: "Up to", isNumber: true, cell: (row) => row.seq ?? "–" },
          ]}
        />
      )}
    </Panel>
  );
}
