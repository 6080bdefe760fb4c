/** The ledger: accounts as a tree, an account's entries, and the story of a transfer. */
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { call, http } from "@/data";
import { Button, Dialog, Facts, Failed, Field, Loading, Moment, Money, Panel, Table } from "@/ui";
import { Records } from "./journal-view";
import type { Go } from "./overview-view";

export function LedgerView({ chosen, go }: { chosen: string | undefined; go: Go }) {
  const open = (account: string) => go({ view: "ledger", id: account });
  return (
    <div className="grid items-start gap-4 lg:grid-cols-2">
      <Tree open={open} />
      {chosen && <Account account={chosen} open={open} />}
    </div>
  );
}

function Tree({ open }: { open: (account: string) => void }) {
  const tree = useQuery({
    queryKey: ["ledger"],
    queryFn: ({ signal }) => call(http.GET("/v1/ledger/accounts", { signal })),
    refetchInterval: 10_000,
  });
  if (tree.isPending) return <Loading rows={6} />;
  if (tree.error) return <Failed error={tree.error} retry={() => void tree.refetch()} />;
  return (
    <div className="flex flex-col gap-4">
      {tree.data.items.map((each) => (
        <Panel key={each.currency} title={each.currency} flush>
          <Table
            label={`Accounts in ${each.currency}`}
            rows={[...each.house, ...each.rails]}
            rowKey={(row) => row.account}
            columns={[
              {
                key: "account",
                head: "Account",
                cell: (row) => (
                  <button type="button" className="text-accent underline" onClick={() => open(row.account)}>
                    {row.account}
                  </button>
                ),
              },
              {
                key: "balance",
                head: "Balance",
                isNumber: true,
                cell: (row) => <Money amount={row.balance} />,
              },
            ]}
            after={
              <div className="flex flex-col gap-1 p-3">
                <Facts
                  items={[
                    ...each.others.map(
                      (other) =>
                        [`All ${other.kind}`, <Money key={other.kind} amount={other.total} />] as const,
                    ),
                    ["Sum of everything", <Money key="sum" amount={each.total} className="font-semibold" />],
                  ]}
                />
              </div>
            }
          />
        </Panel>
      ))}
    </div>
  );
}

function Account({ account, open }: { account: string; open: (account: string) => void }) {
  const [at, setAt] = useState("");
  const [transfer, setTransfer] = useState<string>();
  const moment = at ? { at: new Date(at).toISOString() } : {};
  const head = useQuery({
    queryKey: ["ledger", account, at],
    queryFn: ({ signal }) =>
      call(
        http.GET("/v1/ledger/accounts/{account}", { params: { path: { account }, query: moment }, signal }),
      ),
  });
  const entries = useInfiniteQuery({
    queryKey: ["entries", account],
    queryFn: ({ pageParam, signal }) =>
      call(
        http.GET("/v1/ledger/accounts/{account}/entries", {
          params: { path: { account }, query: { limit: 30, ...(pageParam ? { after: pageParam } : {}) } },
          signal,
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (last) => last.next ?? undefined,
  });
  return (
    <Panel
      title={account}
      flush
      actions={
        <Field
          label="At (your time)"
          hideLabel
          type="datetime-local"
          value={at}
          onChange={(event) => setAt(event.target.value)}
        />
      }
    >
      <div className="p-3">
        {head.data ? (
          <Facts
            items={[
              ["Holder", head.data.holder.label ?? head.data.holder.id],
              [
                "Balance",
                <Money
                  key="b"
                  amount={head.data.balance}
                  code={head.data.currency}
                  className="font-semibold"
                />,
              ],
            ]}
          />
        ) : head.error ? (
          <Failed error={head.error} />
        ) : (
          <Loading rows={1} />
        )}
      </div>
      {entries.isPending ? (
        <Loading rows={5} />
      ) : entries.error ? (
        <Failed error={entries.error} retry={() => void entries.refetch()} />
      ) : (
        <Table
          label="Entries"
          rows={entries.data.pages.flatMap((page) => page.items)}
          rowKey={(row) => row.transfer}
          columns={[
            {
              key: "kind",
              head: "Transfer",
              cell: (row) => (
                <button
                  type="button"
                  className="text-accent underline"
                  onClick={() => setTransfer(row.transfer)}
                >
                  {row.kind}
                </button>
              ),
            },
            { key: "at", head: "When", isExtra: true, cell: (row) => <Moment at={row.recorded_at} /> },
            {
              key: "amount",
              head: "Amount",
              isNumber: true,
              cell: (row) => <Money amount={row.amount} tone />,
            },
            { key: "after", head: "After", isNumber: true, cell: (row) => <Money amount={row.balance} /> },
            {
              key: "other",
              head: "Other side",
              isExtra: true,
              cell: (row) => (
                <button
                  type="button"
                  className="text-accent underline"
                  onClick={() => open(row.counter_account)}
                >
                  {row.counter_account}
                </button>
              ),
            },
          ]}
          after={
            entries.hasNextPage && (
              <div className="p-3">
                <Button
                  size="small"
                  busy={entries.isFetchingNextPage}
                  onClick={() => void entries.fetchNextPage()}
                >
                  Show earlier ones
                </Button>
              </div>
            )
          }
        />
      )}
      {transfer && <Story id={transfer} onClose={() => setTransfer(undefined)} />}
    </Panel>
  );
}

function Story({ id, onClose }: { id: string; onClose: () => void }) {
  const story = useQuery({
    queryKey: ["transfer", id],
    queryFn: ({ signal }) =>
      call(http.GET("/v1/ledger/transfers/{id}", { params: { path: { id } }, signal })),
  });
  return (
    <Dialog open onClose={onClose} title={id} note="A transfer with the command it came of" wide>
      {story.isPending ? (
        <Loading rows={4} />
      ) : story.error ? (
        <Failed error={story.error} />
      ) : (
        <div className="flex flex-col gap-3">
          <Facts
            items={[
              ["Kind", story.data.kind],
              ["Amount", <Money key="a" amount={story.data.amount} code={story.data.currency} />],
              ["From", story.data.debit_holder.label ?? story.data.debit],
              ["To", story.data.credit_holder.label ?? story.data.credit],
              ["Recorded", <Moment key="m" at={story.data.recorded_at} />],
              ...(story.data.reverses ? ([["Reverses", story.data.reverses]] as const) : []),
              ...(story.data.reversed_by ? ([["Reversed by", story.data.reversed_by]] as const) : []),
            ]}
          />
          <Records records={[story.data.record]} />
        </div>
      )}
    </Dialog>
  );
}
