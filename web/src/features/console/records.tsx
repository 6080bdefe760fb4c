/** Records of the journal: what was asked for, by whom, what came of it, and whether the hashes hold. */
import { ChevronRight } from "lucide-react";
import { type ReactNode, useMemo, useState } from "react";
import { call, http, type Schemas } from "@/data";
import { Asked, Badge, Empty, Moment, Panel } from "@/ui";
import { brokenIn, type JournalRecord } from "./chain";
import { More, useList } from "./lists";
import { Actor, Id, placeOfId, To } from "./places";

/** What the names of some commands and events do not say by themselves. */
const SAID: Readonly<Record<string, string>> = {
  BeginBatch: "Take the key of a request",
  BatchBegun: "Key taken",
};

/** `SettleMarket` as people read it. */
export function wordsOf(name: string): string {
  const said = SAID[name];
  if (said !== undefined) return said;
  const words = name.replace(/([a-z0-9])([A-Z])/g, "$1 $2").toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function nameOf(value: Record<string, unknown>): string {
  return String(value["type"] ?? "");
}

export function Records({ records }: { records: readonly JournalRecord[] }) {
  const broken = useMemo(() => brokenIn(records), [records]);
  return (
    <ul>
      {records.map((record) => (
        <li key={record.seq} className="border-b border-line/60 last:border-0">
          <Folded record={record} problem={broken.get(record.seq)} />
        </li>
      ))}
    </ul>
  );
}

/** A record of which a line is shown; the rest is made when it is opened, as a list has many. */
function Folded({ record, problem }: { record: JournalRecord; problem: string | undefined }) {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <details className="group" onToggle={(event) => setIsOpen(event.currentTarget.open)}>
      <summary className="flex flex-wrap items-baseline gap-x-3 gap-y-0.5 px-3 py-1.5 text-xs hover:bg-sunken/60">
        <span className="flex w-18 items-center gap-1 tabular-nums text-ink-faint">
          {/* A line of several parts has no marker of its own that says that it opens. */}
          <ChevronRight size={12} aria-hidden="true" className="shrink-0 group-open:rotate-90" />
          {record.seq}
        </span>
        <span className="font-medium max-sm:flex-1">{wordsOf(nameOf(record.command))}</span>
        <span className="min-w-0 text-ink-soft max-sm:order-last max-sm:w-full sm:flex-1">
          {eventsOf(record)}
        </span>
        {problem && <Badge tone="bad">hash does not hold</Badge>}
        <Moment at={record.at} />
      </summary>
      {isOpen && (
        <div className="px-3 pb-3">
          <RecordBody record={record} problem={problem} />
        </div>
      )}
    </details>
  );
}

function eventsOf(record: JournalRecord): string {
  const counts = new Map<string, number>();
  for (const event of record.events) counts.set(nameOf(event), (counts.get(nameOf(event)) ?? 0) + 1);
  return [...counts]
    .map(([name, count]) => wordsOf(name).toLowerCase() + (count > 1 ? ` ×${count}` : ""))
    .join(", ");
}

/** One record whole: what was asked for and what came of it, with links, and its place in the chain. */
export function RecordBody({ record, problem }: { record: JournalRecord; problem: string | undefined }) {
  return (
    <div className="flex flex-col gap-3 text-xs">
      <p className="text-ink-soft">
        Record <Id kind="record" id={String(record.seq)} />, asked for by <Actor actor={record.actor} />
      </p>
      <Block title={wordsOf(nameOf(record.command))}>
        <Fields of={record.command} />
      </Block>
      {record.events.map((event, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a record never changes.
        <Block key={place} title={`→ ${wordsOf(nameOf(event))}`}>
          <Fields of={event} />
        </Block>
      ))}
      <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-3 gap-y-0.5 text-2xs text-ink-faint">
        <dt>Hash before</dt>
        <dd className="break-all tabular-nums">
          {record.seq > 1 ? (
            <Id kind="record" id={String(record.seq - 1)}>
              {record.hash_before}
            </Id>
          ) : (
            record.hash_before
          )}
        </dd>
        <dt>Hash</dt>
        <dd className="break-all tabular-nums">{record.hash}</dd>
        <dt>Checked here</dt>
        <dd>
          <Badge tone={problem ? "bad" : "good"}>{problem ?? "The hash holds"}</Badge>
        </dd>
      </dl>
    </div>
  );
}

function Block({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div className="rounded-md bg-sunken p-2">
      <h4 className="mb-1 font-medium">{title}</h4>
      {children}
    </div>
  );
}

/** Numbers in records that are public ids without their beginning, by the name of their field. */
const NUMBERED: Readonly<Record<string, string>> = {
  customer: "usr",
  challenger: "usr",
  acceptor: "usr",
  resolver: "usr",
  sender: "usr",
  receiver: "usr",
  payer: "usr",
  payee: "usr",
  market: "mkt",
  order: "ord",
  bet: "bet",
  transfer: "txn",
};

function Fields({ of }: { of: Record<string, unknown> }) {
  const rows = Object.entries(of).filter(([name, value]) => name !== "type" && value !== null);
  if (rows.length === 0) return <p className="text-ink-faint">Nothing besides.</p>;
  return (
    <dl className="grid grid-cols-[minmax(0,auto)_minmax(0,1fr)] gap-x-3 gap-y-0.5">
      {rows.map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-ink-soft">{name.replaceAll("_", " ")}</dt>
          <dd className="min-w-0 break-words tabular-nums">
            <Value name={name} value={value} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Value({ name, value }: { name: string; value: unknown }): ReactNode {
  if (Array.isArray(value)) {
    if (value.length === 0) return "none";
    return (
      <ul className="flex flex-col gap-1">
        {value.map((each, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a record never changes.
          <li key={place}>
            <Value name={name.replace(/s$/, "")} value={each} />
          </li>
        ))}
      </ul>
    );
  }
  if (typeof value === "object" && value !== null) {
    return <Fields of={value as Record<string, unknown>} />;
  }
  const text = String(value);
  const prefix = NUMBERED[name];
  if (prefix && /^[1-9][0-9]*$/.test(text)) return <Id id={`${prefix}_${text}`} />;
  const place = placeOfId(text);
  if (place) return <To place={place}>{text}</To>;
  return /(^|_)at$|_ns$/.test(name) && /^[0-9]{18,20}$/.test(text) ? (
    <Moment at={new Date(Number(BigInt(text) / 1_000_000n)).toISOString()} />
  ) : (
    text
  );
}

type TimelineKind =
  | "market"
  | "event"
  | "round"
  | "pool"
  | "challenge"
  | "order"
  | "bet"
  | "transaction"
  | "user";

/** Everything that happened to something, newest first. */
export function Timeline({ kind, id }: { kind: TimelineKind; id: string }) {
  const list = useList<Schemas["JournalRecord"]>(
    ["timeline", kind, id],
    (after, signal) =>
      call(
        http.GET("/v1/timelines/{kind}/{id}", {
          params: { path: { kind, id }, query: { limit: 30, ...after } },
          signal,
        }),
      ),
    { every: 5_000 },
  );
  return (
    <Panel title="Timeline" flush>
      <RecordList list={list} empty="Nothing has happened to it yet" />
    </Panel>
  );
}

export function RecordList({
  list,
  empty,
}: {
  list: ReturnType<typeof useList<JournalRecord>>;
  empty: string;
}) {
  return (
    <Asked query={list} rows={5}>
      {({ pages }) => {
        const records = pages.flatMap((page) => page.items);
        if (records.length === 0)
          return <Empty title={empty}>What happened in the last second or two may not be listed yet.</Empty>;
        return (
          <>
            <Records records={records} />
            <More list={list} />
          </>
        );
      }}
    </Asked>
  );
}
