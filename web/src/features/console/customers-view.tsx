/** Customers by any word, and one of them with money, notes and what happened. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { call, http, newKey } from "@/data";
import { Badge, Button, Empty, Failed, Field, Loading, Moment, Money, Panel, Table, tell } from "@/ui";
import { Records } from "./journal-view";
import type { Go } from "./overview-view";

export function CustomersView({
  words = "",
  chosen,
  go,
}: {
  words?: string | undefined;
  chosen: string | undefined;
  go: Go;
}) {
  const customers = useQuery({
    queryKey: ["customers", words],
    queryFn: ({ signal }) =>
      call(
        http.GET("/v1/customers", {
          params: { query: { limit: 30, ...(words ? { q: words } : {}) } },
          signal,
        }),
      ),
  });
  const open = (id: string) => go({ view: "customers", id, ...(words ? { q: words } : {}) });
  return (
    <div className="grid items-start gap-4 lg:grid-cols-2">
      <Panel
        title="Customers"
        flush
        actions={
          <Field
            label="Search"
            hideLabel
            type="search"
            placeholder="Name, e-mail or id"
            value={words}
            onChange={(event) => go({ view: "customers", q: event.target.value })}
          />
        }
      >
        {customers.isPending ? (
          <Loading rows={6} />
        ) : customers.error ? (
          <Failed error={customers.error} retry={() => void customers.refetch()} />
        ) : customers.data.items.length === 0 ? (
          <Empty title="Nobody fits" />
        ) : (
          <Table
            label="Customers"
            rows={customers.data.items}
            rowKey={(row) => row.id}
            columns={[
              {
                key: "name",
                head: "Who",
                cell: (row) => (
                  <button type="button" className="text-accent underline" onClick={() => open(row.id)}>
                    {row.username}
                  </button>
                ),
              },
              {
                key: "status",
                head: "Status",
                cell: (row) => <Badge tone={row.status === "active" ? "good" : "bad"}>{row.status}</Badge>,
              },
              {
                key: "money",
                head: "Cash",
                isNumber: true,
                cell: (row) => (
                  <span className="flex flex-col">
                    {row.money.map((each) => (
                      <Money key={each.currency} amount={each.cash} code={each.currency} />
                    ))}
                  </span>
                ),
              },
            ]}
          />
        )}
      </Panel>
      {chosen ? <One id={chosen} /> : <Empty title="Choose somebody" />}
    </div>
  );
}

function One({ id }: { id: string }) {
  const queries = useQueryClient();
  const user = useQuery({
    queryKey: ["user", id],
    queryFn: ({ signal }) => call(http.GET("/v1/users/{id}", { params: { path: { id } }, signal })),
  });
  const freeze = useMutation({
    mutationFn: (deed: "freeze" | "unfreeze") =>
      call(
        http.POST(`/v1/users/{id}/${deed}`, {
          params: { path: { id }, header: { "Idempotency-Key": newKey() } },
        }),
      ),
    onSuccess: () => void queries.invalidateQueries(),
    onError: (error) => tell("Not done", error.message, "bad"),
  });
  if (user.isPending) return <Loading rows={4} />;
  if (user.error) return <Failed error={user.error} retry={() => void user.refetch()} />;
  const isFrozen = user.data.status === "frozen";
  return (
    <div className="flex flex-col gap-4">
      <Panel
        title={`${user.data.username} (${id})`}
        actions={
          <Button
            size="small"
            tone={isFrozen ? "plain" : "danger"}
            busy={freeze.isPending}
            onClick={() => freeze.mutate(isFrozen ? "unfreeze" : "freeze")}
          >
            {isFrozen ? "Unfreeze" : "Freeze"}
          </Button>
        }
      >
        <p className="text-sm text-ink-soft">
          {user.data.email} · since <Moment at={user.data.created_at} />
        </p>
      </Panel>
      <Notes id={id} />
      <Timeline kind="customer" id={id} />
    </div>
  );
}

function Notes({ id }: { id: string }) {
  const queries = useQueryClient();
  const [text, setText] = useState("");
  const notes = useQuery({
    queryKey: ["notes", id],
    queryFn: ({ signal }) =>
      call(http.GET("/v1/users/{id}/notes", { params: { path: { id }, query: { limit: 20 } }, signal })),
  });
  const add = useMutation({
    mutationFn: () => call(http.POST("/v1/users/{id}/notes", { params: { path: { id } }, body: { text } })),
    onSuccess: () => {
      setText("");
      void queries.invalidateQueries({ queryKey: ["notes", id] });
    },
  });
  return (
    <Panel title="Notes">
      <form
        className="mb-3 flex items-end gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          add.mutate();
        }}
      >
        <Field
          label="A note, for operators"
          className="flex-1"
          value={text}
          onChange={(event) => setText(event.target.value)}
          required
        />
        <Button type="submit" busy={add.isPending}>
          Add
        </Button>
      </form>
      {add.error && <Failed error={add.error} />}
      <ul className="flex flex-col gap-2">
        {notes.data?.items.map((note) => (
          <li key={note.id} className={`text-sm ${note.struck_at ? "text-ink-faint line-through" : ""}`}>
            {note.text}{" "}
            <span className="text-2xs text-ink-faint">
              {note.by}, <Moment at={note.at} />
            </span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

export function Timeline({ kind, id }: { kind: string; id: string }) {
  const records = useQuery({
    queryKey: ["timeline", kind, id],
    queryFn: ({ signal }) =>
      call(
        http.GET("/v1/timelines/{kind}/{id}", {
          params: { path: { kind, id } as never, query: { limit: 30 } },
          signal,
        }),
      ),
  });
  return (
    <Panel title="What happened" flush>
      {records.isPending ? (
        <Loading rows={4} />
      ) : records.error ? (
        <Failed error={records.error} retry={() => void records.refetch()} />
      ) : (
        <Records records={records.data.items} />
      )}
    </Panel>
  );
}
