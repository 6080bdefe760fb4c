/**
 * A deed that moves money: first it is shown what it would do, then it is done, or proposed to a second operator with a
 * reason where the house wants two.
 */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ApiProblem, call, http, newKey, type Schemas } from "@/data";
import { Badge, Button, Dialog, Facts, Failed, Field, Loading, Money, Table, tell } from "@/ui";

export interface Deed {
  readonly what: string;
  readonly id?: string;
  readonly body?: Record<string, unknown>;
  readonly title: string;
  /** Does it at once. */
  readonly act: (key: string) => Promise<unknown>;
}

export function DeedDialog({ deed, onClose }: { deed: Deed; onClose: () => void }) {
  const queries = useQueryClient();
  const [key] = useState(newKey);
  const [reason, setReason] = useState("");
  const request = { what: deed.what, id: deed.id ?? null, body: deed.body ?? null };
  const preview = useQuery({
    queryKey: ["preview", request],
    queryFn: ({ signal }) => call(http.POST("/v1/previews", { body: request, signal })),
    gcTime: 0,
    retry: false,
  });
  const done = (text: string) => {
    tell(text);
    void queries.invalidateQueries();
    onClose();
  };
  const act = useMutation({ mutationFn: () => deed.act(key), onSuccess: () => done("Done") });
  const propose = useMutation({
    mutationFn: () =>
      call(
        http.POST("/v1/approvals", {
          params: { header: { "Idempotency-Key": key } },
          body: { request, reason },
        }),
      ),
    onSuccess: () => done("Proposed: another operator decides"),
  });
  const needsTwo = preview.data?.needs_approval ?? false;
  return (
    <Dialog
      open
      onClose={onClose}
      title={deed.title}
      note="What it would do, worked out by the same rules; nothing is booked yet."
      wide
    >
      {preview.isPending ? (
        <Loading rows={3} />
      ) : preview.error ? (
        <Failed error={preview.error} retry={() => void preview.refetch()} />
      ) : (
        <PreviewShown preview={preview.data} />
      )}
      {needsTwo && (
        <Field
          className="mt-3"
          label="Reason, for the second operator"
          value={reason}
          onChange={(event) => setReason(event.target.value)}
          required
        />
      )}
      {(act.error ?? propose.error) && <Failed error={act.error ?? propose.error} />}
      <div className="mt-4 flex justify-end gap-2">
        <Button onClick={onClose}>Leave it</Button>
        {needsTwo ? (
          <Button
            tone="primary"
            busy={propose.isPending}
            disabled={!reason || Boolean(preview.data?.refused)}
            onClick={() => propose.mutate()}
          >
            Propose it
          </Button>
        ) : (
          <Button
            tone="danger"
            busy={act.isPending}
            disabled={!preview.data || Boolean(preview.data.refused)}
            onClick={() => act.mutate()}
          >
            Do it
          </Button>
        )}
      </div>
    </Dialog>
  );
}

/** Winners, losers, sums and the house, per currency. */
export function PreviewShown({ preview }: { preview: Schemas["Preview"] }) {
  if (preview.refused) {
    const { detail } = preview.refused as { detail?: string };
    return <Failed error={new ApiProblem(409, "refused", detail ?? "It would be refused.")} />;
  }
  if (preview.currencies.length === 0)
    return <p className="text-sm text-ink-soft">It would move no money.</p>;
  return (
    <div className="flex flex-col gap-4">
      {preview.currencies.map((each) => (
        <div key={each.currency} className="flex flex-col gap-2">
          <Facts
            items={[
              ["Customers", `${each.customers}: ${each.winners} get, ${each.losers} lose`],
              ["Paid to them", <Money key="p" amount={each.paid} code={each.currency} />],
              ["Taken from them", <Money key="t" amount={each.taken} code={each.currency} />],
              ["The bank", <Money key="b" amount={each.bank} tone />],
              ["Fees", <Money key="f" amount={each.fees} tone />],
              ["Rounding", <Money key="r" amount={each.rounding} tone />],
              ["Owed to the house", <Money key="o" amount={each.receivable} tone />],
            ]}
          />
          {each.largest.length > 0 && (
            <Table
              label="Largest changes"
              rows={each.largest}
              rowKey={(row) => row.user_id}
              columns={[
                { key: "who", head: "Who", cell: (row) => row.username },
                {
                  key: "net",
                  head: "Change",
                  isNumber: true,
                  cell: (row) => <Money amount={row.net} tone />,
                },
                {
                  key: "cash",
                  head: "Cash then",
                  isNumber: true,
                  cell: (row) => <Money amount={row.cash} />,
                },
                {
                  key: "owes",
                  head: "Owes then",
                  isNumber: true,
                  cell: (row) => (/^0[.0]*$/.test(row.owes) ? "–" : <Badge tone="bad">{row.owes}</Badge>),
                },
              ]}
            />
          )}
        </div>
      ))}
    </div>
  );
}
