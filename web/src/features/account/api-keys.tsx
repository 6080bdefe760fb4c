/** Keys for one's programs. A key is shown once. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { call, http } from "@/data";
import {
  Asked,
  Badge,
  Button,
  CopyText,
  Dialog,
  Empty,
  Failed,
  Field,
  Moment,
  Panel,
  Table,
  tell,
} from "@/ui";

export function ApiKeys() {
  const queries = useQueryClient();
  const [name, setName] = useState("");
  const keys = useQuery({
    queryKey: ["api-keys"],
    queryFn: ({ signal }) => call(http.GET("/v1/api-keys", { params: { query: { limit: 50 } }, signal })),
  });
  const make = useMutation({
    mutationFn: () =>
      call(http.POST("/v1/api-keys", { body: { role: "customer", name, bound_to_session: false } })),
    onSuccess: () => {
      setName("");
      void queries.invalidateQueries({ queryKey: ["api-keys"] });
    },
  });
  const revoke = useMutation({
    mutationFn: (id: string) => call(http.DELETE("/v1/api-keys/{id}", { params: { path: { id } } })),
    onSuccess: () => {
      tell("The key is ended");
      void queries.invalidateQueries({ queryKey: ["api-keys"] });
    },
    onError: (error) => tell("It was not ended", error.message, "bad"),
  });
  return (
    <div className="flex flex-col gap-4">
      <Panel title="A new key">
        <form
          className="flex flex-wrap items-end gap-3"
          onSubmit={(event) => {
            event.preventDefault();
            make.mutate();
          }}
        >
          <Field
            label="What it is for"
            className="min-w-56"
            value={name}
            onChange={(event) => setName(event.target.value)}
            maxLength={64}
            required
          />
          <Button type="submit" tone="primary" busy={make.isPending}>
            Make it
          </Button>
        </form>
        {make.error && <Failed error={make.error} />}
      </Panel>
      <Panel title="Keys" flush>
        <Asked query={keys} rows={3}>
          {(found) =>
            found.items.length === 0 ? (
              <Empty title="You have no keys">With one, your programs do what you could do here.</Empty>
            ) : (
              <Table
                label="API keys"
                rows={found.items}
                rowKey={(key) => key.id}
                columns={[
                  { key: "name", head: "For", cell: (key) => key.name },
                  { key: "made", head: "Made", isExtra: true, cell: (key) => <Moment at={key.created_at} /> },
                  {
                    key: "do",
                    head: <span className="sr-only">End</span>,
                    isNumber: true,
                    cell: (key) =>
                      key.revoked_at ? (
                        <Badge>Ended</Badge>
                      ) : (
                        <Button
                          size="small"
                          tone="danger"
                          busy={revoke.isPending && revoke.variables === key.id}
                          onClick={() => revoke.mutate(key.id)}
                        >
                          End it
                        </Button>
                      ),
                  },
                ]}
              />
            )
          }
        </Asked>
      </Panel>
      <Dialog
        open={Boolean(make.data)}
        onClose={() => make.reset()}
        title="Your new key"
        note="It is shown now and never again."
      >
        {make.data && <CopyText text={make.data.key} />}
      </Dialog>
    </div>
  );
}
