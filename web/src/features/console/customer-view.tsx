/** One customer: who they are, what they have, what they do, and what operators wrote down of them. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { call, http, type Schemas, useConfig } from "@/data";
import { Asked, Badge, Button, Facts, Failed, Field, Moment, Money, Panel, Table, tell } from "@/ui";
import { BetList, PoolBetList } from "./bet-view";
import {
  depositLimits,
  discount,
  excluding,
  factorRemoval,
  freezing,
  stakeFactor,
  tagging,
} from "./customer-deeds";
import { Tags } from "./customers-view";
import { useDeeds } from "./deed-dialog";
import { Actions } from "./listed";
import { List, useList } from "./lists";
import { depositFor } from "./money-deeds";
import { OrderList } from "./order-list";
import { Id } from "./places";
import { Timeline } from "./records";

export function CustomerView({ id }: { id: string }) {
  const user = useQuery({
    queryKey: ["console", "user", id],
    queryFn: ({ signal }) => call(http.GET("/v1/users/{id}", { params: { path: { id } }, signal })),
  });
  return (
    <Asked query={user} rows={10}>
      {(found) => (
        <div className="grid grid-cols-1 items-start gap-4 lg:grid-cols-2">
          <div className="flex min-w-0 flex-col gap-4">
            <Head user={found} />
            <Wallets id={id} />
            <Transactions id={id} />
          </div>
          <div className="flex min-w-0 flex-col gap-4">
            <Notes id={id} />
            <Bets id={id} />
            <Timeline kind="user" id={id} />
          </div>
        </div>
      )}
    </Asked>
  );
}

function useFound(id: string) {
  return useQuery({
    queryKey: ["console", "customer", id],
    queryFn: ({ signal }) =>
      call(http.GET("/v1/customers", { params: { query: { q: id, limit: 1 } }, signal })),
  });
}

function useTerms(id: string) {
  const path = { path: { id } };
  const factor = useQuery({
    queryKey: ["console", "factor", id],
    queryFn: ({ signal }) => call(http.GET("/v1/users/{id}/stake-factor", { params: path, signal })),
  });
  const taken = useQuery({
    queryKey: ["console", "discount", id],
    queryFn: ({ signal }) => call(http.GET("/v1/users/{id}/commission-discount", { params: path, signal })),
  });
  return { factor: factor.data?.percent, discount: taken.data?.discount_bps };
}

function Head({ user }: { user: Schemas["User"] }) {
  const [open, dialog] = useDeeds();
  const { currencies } = useConfig();
  const codes = currencies.map(({ code }) => [code, code] as const);
  const found = useFound(user.id).data?.items[0];
  const terms = useTerms(user.id);
  const { id } = user;
  return (
    <Panel
      title={user.username}
      actions={<Badge tone={user.status === "active" ? "good" : "bad"}>{user.status}</Badge>}
    >
      <Actions>
        <Button size="small" tone="danger" onClick={() => open(freezing(user))}>
          {user.status === "frozen" ? "Unfreeze…" : "Freeze…"}
        </Button>
        <Button size="small" onClick={() => open(depositFor(id, user.username, codes))}>
          Pay in…
        </Button>
        <Button size="small" onClick={() => open(tagging(user, found?.tags ?? []))} disabled={!found}>
          Tags…
        </Button>
        <Button size="small" onClick={() => open(depositLimits(user, codes))}>
          Deposit limits…
        </Button>
        <Button size="small" onClick={() => open(stakeFactor(user, terms.factor ?? 100))}>
          Stake factor…
        </Button>
        <Button size="small" onClick={() => open(discount(user, terms.discount ?? 0))}>
          Discount…
        </Button>
        <Button size="small" onClick={() => open(excluding(user))}>
          Exclude…
        </Button>
        <Button size="small" onClick={() => open(factorRemoval(user))}>
          Second factor…
        </Button>
      </Actions>
      <Facts
        items={[
          ["Id", id],
          ["E-mail", user.email ?? "–"],
          ["Since", <Moment key="s" at={user.created_at} />],
          ["Tags", <Tags key="t" tags={found?.tags ?? []} />],
          ["Excluded until", found?.excluded_until ? <Moment key="value" at={found.excluded_until} /> : "–"],
          ["May stake", terms.factor === undefined ? "–" : `${terms.factor} % of the largest stake`],
          ["Commission discount", terms.discount === undefined ? "–" : `${terms.discount / 100} %`],
        ]}
      />
      {dialog}
    </Panel>
  );
}

function Wallets({ id }: { id: string }) {
  const wallets = useQuery({
    queryKey: ["console", "wallets", id],
    queryFn: ({ signal }) => call(http.GET("/v1/users/{id}/wallets", { params: { path: { id } }, signal })),
    refetchInterval: 5_000,
  });
  return (
    <Panel title="Money" flush>
      <Asked query={wallets} rows={2}>
        {({ items }) =>
          items.length === 0 ? (
            <p className="p-3 text-sm text-ink-soft">They never had any.</p>
          ) : (
            <Table
              label="Money"
              rows={items}
              rowKey={(row) => row.currency}
              columns={[
                {
                  key: "cash",
                  head: "Cash",
                  isNumber: true,
                  cell: (row) => (
                    <Id id={`${id}.${row.currency}.cash`}>
                      <Money amount={row.cash} code={row.currency} />
                    </Id>
                  ),
                },
                {
                  key: "escrow",
                  head: "In play",
                  isNumber: true,
                  cell: (row) => (
                    <Id id={`${id}.${row.currency}.escrow`}>
                      <Money amount={row.escrow} />
                    </Id>
                  ),
                },
                {
                  key: "leaving",
                  head: "Withdrawing",
                  isNumber: true,
                  isExtra: true,
                  cell: (row) => <Money amount={row.withdrawing} />,
                },
                { key: "owed", head: "Owes", isNumber: true, cell: (row) => <Money amount={row.owed} /> },
              ]}
            />
          )
        }
      </Asked>
    </Panel>
  );
}

function Transactions({ id }: { id: string }) {
  const list = useList<Schemas["Transaction"]>(
    ["transactions", id],
    (after, signal) =>
      call(
        http.GET("/v1/users/{id}/transactions", {
          params: { path: { id }, query: { limit: 20, ...after } },
          signal,
        }),
      ),
    { every: 10_000 },
  );
  return (
    <Panel title="Transactions" flush>
      <List
        list={list}
        label="Transactions"
        rowKey={(row) => row.id}
        empty="No money has moved yet"
        columns={[
          { key: "kind", head: "Kind", cell: (row) => <Id id={row.id}>{row.kind.replaceAll("_", " ")}</Id> },
          { key: "id", head: "Transaction", isExtra: "wide", cell: (row) => <Id id={row.id} /> },
          {
            key: "amount",
            head: "Amount",
            isNumber: true,
            cell: (row) => (
              <Money
                amount={row.direction === "out" ? `-${row.amount}` : row.amount}
                code={row.currency}
                tone
              />
            ),
          },
          {
            key: "after",
            head: "Cash then",
            isNumber: true,
            isExtra: true,
            cell: (row) => <Money amount={row.balance_after} />,
          },
          { key: "at", head: "When", isExtra: true, cell: (row) => <Moment at={row.recorded_at} /> },
        ]}
      />
    </Panel>
  );
}

function Bets({ id }: { id: string }) {
  const orders = useList<Schemas["Order"]>(["orders", id], (after, signal) =>
    call(
      http.GET("/v1/exchange/orders", { params: { query: { user_id: id, limit: 10, ...after } }, signal }),
    ),
  );
  const bets = useList<Schemas["Bet"]>(["bets", id], (after, signal) =>
    call(
      http.GET("/v1/sportsbook/bets", { params: { query: { user_id: id, limit: 10, ...after } }, signal }),
    ),
  );
  const pools = useList<Schemas["PoolBet"]>(["pool-bets", id], (after, signal) =>
    call(http.GET("/v1/pools/bets", { params: { query: { user_id: id, limit: 10, ...after } }, signal })),
  );
  return (
    <>
      <Panel title="Orders on the exchange" flush>
        <OrderList list={orders} label="Orders on the exchange" ofOne />
      </Panel>
      <Panel title="Bets on the sportsbook" flush>
        <BetList list={bets} />
      </Panel>
      <Panel title="Bets on rounds" flush>
        <PoolBetList list={pools} />
      </Panel>
    </>
  );
}

function Notes({ id }: { id: string }) {
  const queries = useQueryClient();
  const [text, setText] = useState("");
  const key = ["console", "notes", id];
  const notes = useQuery({
    queryKey: key,
    queryFn: ({ signal }) =>
      call(http.GET("/v1/users/{id}/notes", { params: { path: { id }, query: { limit: 50 } }, signal })),
  });
  const again = () => void queries.invalidateQueries({ queryKey: key });
  const add = useMutation({
    mutationFn: () => call(http.POST("/v1/users/{id}/notes", { params: { path: { id } }, body: { text } })),
    onSuccess: () => {
      setText("");
      again();
    },
  });
  const strike = useMutation({
    mutationFn: (note: number) =>
      call(http.DELETE("/v1/users/{id}/notes/{note}", { params: { path: { id, note: String(note) } } })),
    onSuccess: again,
    onError: (error) => tell("Not struck out", error.message, "bad"),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate();
  };
  return (
    <Panel title="Notes, for operators only">
      <form className="mb-3 flex items-end gap-2" onSubmit={submit}>
        <Field
          label="A new note"
          className="flex-1"
          value={text}
          onChange={(event) => setText(event.target.value)}
          required
        />
        <Button type="submit" busy={add.isPending} disabled={!text.trim()}>
          Add
        </Button>
      </form>
      {add.error && <Failed error={add.error} />}
      <Asked query={notes} rows={2}>
        {({ items }) =>
          items.length === 0 ? (
            <p className="text-xs text-ink-soft">Nobody has written anything down.</p>
          ) : (
            <ul className="flex flex-col gap-2">
              {items.map((note) => (
                <li key={note.id} className="flex items-start justify-between gap-2 text-sm">
                  <span className="min-w-0 break-words">
                    <span className={note.struck_at ? "text-ink-faint line-through" : ""}>{note.text}</span>
                    <span className="block text-2xs text-ink-faint">
                      {note.by}, <Moment at={note.at} />
                      {note.struck_by && `; struck out by ${note.struck_by}`}
                    </span>
                  </span>
                  {!note.struck_at && (
                    <Button
                      size="small"
                      tone="quiet"
                      aria-label={`Strike out: ${note.text}`}
                      onClick={() => strike.mutate(note.id)}
                    >
                      Strike out
                    </Button>
                  )}
                </li>
              ))}
            </ul>
          )
        }
      </Asked>
    </Panel>
  );
}
