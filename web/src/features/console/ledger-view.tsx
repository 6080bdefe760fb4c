/** The ledger: accounts as a tree, an account's balance at any moment with its entries, and the story of a transfer. */
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { call, http, type Schemas } from "@/data";
import { Asked, Badge, Button, Empty, Facts, Field, Moment, Money, Panel, Table } from "@/ui";
import { brokenIn } from "./chain";
import { momentOf } from "./deed";
import { useDeeds } from "./deed-dialog";
import { List, useList } from "./lists";
import { reversal } from "./money-deeds";
import { type Go, Id, type Place, placeOf, To } from "./places";
import { RecordBody } from "./records";

export function LedgerView({ place, go }: { place: Place; go: Go }) {
  return (
    <div className="grid grid-cols-1 items-start gap-4 lg:grid-cols-[minmax(0,1fr)_minmax(0,2fr)]">
      <div className={place.id ? "max-lg:order-2" : ""}>
        <Tree />
      </div>
      {place.id ? (
        <Account key={place.id} account={place.id} at={place.at} go={go} />
      ) : (
        <Empty title="Choose an account">
          The house’s accounts and the rails stand in the tree. Customers’ accounts are found by their name:
          usr_42.USD.cash.
        </Empty>
      )}
    </div>
  );
}

function Tree() {
  const tree = useQuery({
    queryKey: ["console", "ledger"],
    queryFn: ({ signal }) => call(http.GET("/v1/ledger/accounts", { signal })),
    refetchInterval: 10_000,
  });
  return (
    <Asked query={tree} rows={10}>
      {({ items }) => (
        <div className="flex min-w-0 flex-col gap-4">
          {items.length === 0 && <Empty title="No money has moved yet" />}
          {items.map((each) => (
            <Panel key={each.currency} title={each.currency} flush>
              <CurrencyTree tree={each} />
            </Panel>
          ))}
        </div>
      )}
    </Asked>
  );
}

function CurrencyTree({ tree }: { tree: Schemas["CurrencyTree"] }) {
  const row = (key: string, name: ReactNode, amount: string) => (
    <li key={key} className="flex min-h-7 items-center justify-between gap-3 ps-3 text-xs">
      <span className="min-w-0">{name}</span>
      <Money amount={amount} />
    </li>
  );
  const account = (each: Schemas["AccountBalance"]) =>
    row(each.account, <Id id={each.account} />, each.balance);
  const isZero = /^-?[0.]+$/.test(tree.total);
  return (
    <ul className="flex flex-col gap-2 p-3" aria-label={`Accounts in ${tree.currency}`}>
      <Branch name="House">{tree.house.map(account)}</Branch>
      <Branch name="Rails, where money comes in and goes out">{tree.rails.map(account)}</Branch>
      <Branch name="All others, added up">
        {tree.others.map((each) => row(each.kind, each.kind, each.total))}
      </Branch>
      <li className="flex items-center justify-between border-t border-line pt-2 text-xs font-medium">
        <span>
          Sum of everything <Badge tone={isZero ? "good" : "bad"}>{isZero ? "zero" : "not zero"}</Badge>
        </span>
        <Money amount={tree.total} />
      </li>
    </ul>
  );
}

/** Accounts of one sort; nothing where there are none. */
function Branch({ name, children }: { name: string; children: readonly ReactNode[] }) {
  if (children.length === 0) return null;
  return (
    <li>
      <details open>
        <summary className="text-xs font-medium text-ink-soft">{name}</summary>
        <ul>{children}</ul>
      </details>
    </li>
  );
}

function Account({ account, at, go }: { account: string; at: string | undefined; go: Go }) {
  const [typed, setTyped] = useState("");
  const [problem, setProblem] = useState<string>();
  const moment = at ? { at } : {};
  const head = useQuery({
    queryKey: ["console", "account", account, at],
    queryFn: ({ signal }) =>
      call(
        http.GET("/v1/ledger/accounts/{account}", { params: { path: { account }, query: moment }, signal }),
      ),
    ...(at ? {} : { refetchInterval: 5_000 }),
  });
  const look = () => {
    const chosen = momentOf(typed);
    if (!typed || Number.isNaN(Date.parse(chosen))) setProblem("Give a day and a time.");
    else {
      setProblem(undefined);
      go({ view: "ledger", id: account, at: chosen });
    }
  };
  return (
    <Panel title={account} flush>
      <div className="flex flex-col gap-3 border-b border-line p-3">
        <Asked query={head} rows={2}>
          {(found) => (
            <Facts
              items={[
                ["Holder", <Holder key="h" holder={found.holder} />],
                [
                  found.at ? "Balance then" : "Balance now",
                  <Money key="b" amount={found.balance} code={found.currency} className="font-semibold" />,
                ],
                ...(found.at
                  ? ([["After all that was recorded by", <Moment key="m" at={found.at} />]] as const)
                  : []),
              ]}
            />
          )}
        </Asked>
        <form
          className="flex flex-wrap items-end gap-2"
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            look();
          }}
        >
          <Field
            label="Balance at (your time)"
            type="datetime-local"
            step={1}
            value={typed}
            problem={problem}
            onChange={(event) => setTyped(event.target.value)}
          />
          <Button type="submit">Look</Button>
          {at && <Button onClick={() => go({ view: "ledger", id: account })}>Now</Button>}
        </form>
      </div>
      <Entries account={account} />
    </Panel>
  );
}

function Holder({ holder }: { holder: Schemas["LedgerHolder"] }) {
  const place = placeOf(holder.kind, holder.id);
  const label = holder.label ? `${holder.label} (${holder.id})` : holder.id;
  return place ? <To place={place}>{label}</To> : label;
}

function Entries({ account }: { account: string }) {
  const list = useList<Schemas["LedgerEntry"]>(
    ["entries", account],
    (after, signal) =>
      call(
        http.GET("/v1/ledger/accounts/{account}/entries", {
          params: { path: { account }, query: { limit: 50, ...after } },
          signal,
        }),
      ),
    { every: 10_000 },
  );
  return (
    <List
      list={list}
      label={`Entries of ${account}`}
      rowKey={(row) => row.transfer}
      empty="Nothing has moved it yet"
      columns={[
        {
          key: "kind",
          head: "Kind",
          cell: (row) => <Id id={row.transfer}>{row.kind.replaceAll("_", " ")}</Id>,
        },
        { key: "id", head: "Transfer", isExtra: true, cell: (row) => <Id id={row.transfer} /> },
        { key: "at", head: "Recorded", isExtra: true, cell: (row) => <Moment at={row.recorded_at} /> },
        { key: "amount", head: "Amount", isNumber: true, cell: (row) => <Money amount={row.amount} tone /> },
        { key: "after", head: "Balance", isNumber: true, cell: (row) => <Money amount={row.balance} /> },
        { key: "other", head: "Other side", isExtra: true, cell: (row) => <Id id={row.counter_account} /> },
        {
          key: "seq",
          head: "Record",
          isExtra: true,
          cell: (row) => <Id kind="record" id={String(row.seq)} />,
        },
      ]}
    />
  );
}

export function TransferView({ id }: { id: string }) {
  const [open, dialog] = useDeeds();
  const story = useQuery({
    queryKey: ["console", "transfer", id],
    queryFn: ({ signal }) =>
      call(http.GET("/v1/ledger/transfers/{id}", { params: { path: { id } }, signal })),
  });
  return (
    <Asked query={story} rows={8}>
      {(found) => (
        <div className="grid grid-cols-1 items-start gap-4 lg:grid-cols-2">
          <Panel
            title={`${found.kind.replaceAll("_", " ")} ${id}`}
            actions={
              ["deposit", "withdrawal", "transfer"].includes(found.kind) &&
              !found.reversed_by && (
                <Button size="small" tone="danger" onClick={() => open(reversal(id))}>
                  Reverse…
                </Button>
              )
            }
          >
            <TransferFacts transfer={found} />
          </Panel>
          <Panel title="What it came of">
            <RecordBody record={found.record} problem={brokenIn([found.record]).get(found.record.seq)} />
          </Panel>
          {dialog}
        </div>
      )}
    </Asked>
  );
}

function TransferFacts({ transfer }: { transfer: Schemas["LedgerTransfer"] }) {
  const optional = (name: string, value: ReactNode) => (value ? ([[name, value]] as const) : []);
  const link = (id: string | null, kind?: string) => id && <Id id={id} {...(kind ? { kind } : {})} />;
  return (
    <div className="flex flex-col gap-3">
      <Facts
        items={[
          ["Amount", <Money key="a" amount={transfer.amount} code={transfer.currency} />],
          ["Recorded", <Moment key="m" at={transfer.recorded_at} />],
          ["Takes effect", <Moment key="e" at={transfer.effective_at} />],
          ...optional("Reference", transfer.reference),
          ...optional("Memo", transfer.memo),
          ...optional("Destination", transfer.destination),
          ...optional("Takes back", link(transfer.reverses)),
          ...optional("Taken back by", link(transfer.reversed_by)),
          ...optional("Approved as", link(transfer.approval, "approval")),
        ]}
      />
      <Table
        label="The two sides"
        rows={[
          ["Debit", transfer.debit, transfer.debit_holder, transfer.debit_after] as const,
          ["Credit", transfer.credit, transfer.credit_holder, transfer.credit_after] as const,
        ]}
        rowKey={([side]) => side}
        columns={[
          { key: "side", head: "Side", cell: ([side]) => side },
          { key: "account", head: "Account", cell: ([, account]) => <Id id={account} /> },
          { key: "who", head: "Holder", isExtra: true, cell: ([, , holder]) => <Holder holder={holder} /> },
          {
            key: "after",
            head: "Balance then",
            isNumber: true,
            cell: ([, , , after]) => <Money amount={after} />,
          },
        ]}
      />
    </div>
  );
}
