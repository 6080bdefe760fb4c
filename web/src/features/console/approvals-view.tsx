/** What one operator proposed and another decides. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { capital } from "@/core";
import { call, http, type Schemas } from "@/data";
import { Asked, Badge, Button, Countdown, Empty, Facts, Failed, Field, Moment, Panel, Select } from "@/ui";
import { List, useList } from "./lists";
import { type Go, Id, type Place, placeOf, placeOfId, To } from "./places";
import { PreviewShown } from "./preview";
import { Proposed } from "./proposed";

type Approval = Schemas["Approval"];
type Status = Approval["status"];

const TONES: Readonly<Partial<Record<Status, "warn" | "good" | "bad">>> = {
  pending: "warn",
  booked: "good",
  refused: "bad",
  rejected: "bad",
};
const STATES: readonly Status[] = [
  "pending",
  "approved",
  "booked",
  "refused",
  "rejected",
  "withdrawn",
  "expired",
];

/** `settle_market` as people read it. */
function wordsOf(what: string): string {
  return capital(what.replaceAll("_", " "));
}

function StatusBadge({ status }: { status: Status }) {
  return <Badge tone={TONES[status] ?? "neutral"}>{status}</Badge>;
}

/** What a proposal is about, by what is to be done: its target's kind. */
function Target({ what, target }: { what: string; target: string | null }) {
  if (!target) return "–";
  const kind = /market|event|round|challenge/.exec(what)?.[0];
  const place = placeOfId(target) ?? (kind ? placeOf(kind, target) : undefined);
  return place ? <To place={place}>{target}</To> : target;
}

export function ApprovalsView({ place, go }: { place: Place; go: Go }) {
  const status = STATES.find((each) => each === place.status);
  const list = useList<Approval>(
    ["approvals", status],
    (after, signal) =>
      call(
        http.GET("/v1/approvals", {
          params: { query: { limit: 50, ...(status ? { status } : {}), ...after } },
          signal,
        }),
      ),
    { every: 5_000 },
  );
  return (
    <div className="flex min-w-0 flex-col gap-4">
      <Rules />
      <Panel
        title="Proposals"
        flush
        actions={
          <Select
            label="Status"
            hideLabel
            value={status ?? ""}
            onChange={(event) => go({ view: "approvals", status: event.target.value })}
            options={[["", "All"], ...STATES.map((each) => [each, each] as const)]}
          />
        }
      >
        <List
          list={list}
          label="Proposals"
          rowKey={(row) => row.id}
          empty={
            <Empty title={status ? `None is ${status}` : "Nothing was proposed"}>
              Whoever settles, voids, corrects or pays can let a second operator decide.
            </Empty>
          }
          columns={[
            {
              key: "what",
              head: "Proposal",
              cell: (row) => (
                <Id kind="approval" id={row.id}>
                  {wordsOf(row.what)}
                </Id>
              ),
            },
            { key: "on", head: "On", cell: (row) => <Target what={row.what} target={row.target} /> },
            { key: "status", head: "Status", cell: (row) => <StatusBadge status={row.status} /> },
            { key: "by", head: "By", isExtra: true, cell: (row) => row.proposed_by.name },
            { key: "why", head: "Because", isExtra: true, cell: (row) => row.reason },
            { key: "at", head: "Proposed", isExtra: true, cell: (row) => <Moment at={row.proposed_at} /> },
          ]}
        />
      </Panel>
    </div>
  );
}

function Rules() {
  const rules = useQuery({
    queryKey: ["console", "approval-rules"],
    queryFn: ({ signal }) => call(http.GET("/v1/approvals/rules", { signal })),
    staleTime: 60_000,
  });
  if (!rules.data) return null;
  const needed = rules.data.needed.map(({ kind, above }) => (above ? `${kind} above ${above}` : kind));
  return (
    <p className="text-xs text-ink-soft">
      {needed.length > 0
        ? `In this house it takes two operators to: ${needed.join(", ")}.`
        : "In this house one operator is enough for everything; proposals can be made all the same."}
    </p>
  );
}

export function ApprovalView({ id }: { id: string }) {
  const approval = useQuery({
    queryKey: ["console", "approval", id],
    queryFn: ({ signal }) => call(http.GET("/v1/approvals/{id}", { params: { path: { id } }, signal })),
    refetchInterval: 5_000,
  });
  return (
    <Asked query={approval} rows={8}>
      {(found) => (
        <div className="grid grid-cols-1 items-start gap-4 lg:grid-cols-2">
          <div className="flex min-w-0 flex-col gap-4">
            <Panel title={wordsOf(found.what)} actions={<StatusBadge status={found.status} />}>
              <ApprovalFacts approval={found} />
            </Panel>
            {found.status === "pending" && <Decide approval={found} />}
          </div>
          <Panel title="What it would do, as it stood when it was proposed">
            <PreviewShown preview={found.preview} />
          </Panel>
        </div>
      )}
    </Asked>
  );
}

function ApprovalFacts({ approval }: { approval: Approval }) {
  const { decision, outcome } = approval;
  const some = (isThere: boolean, name: string, value: ReactNode) =>
    isThere ? ([[name, value]] as const) : [];
  return (
    <div className="flex flex-col gap-3">
      <Proposed approval={approval} />
      <Facts
        items={[
          ["Proposal", approval.id],
          ["On", <Target key="t" what={approval.what} target={approval.target} />],
          ["Proposed by", approval.proposed_by.name],
          ["Because", approval.reason],
          ["Proposed", <Moment key="at" at={approval.proposed_at} />],
          ...some(
            approval.status === "pending",
            "Expires in",
            <Countdown key="e" until={approval.expires_at} />,
          ),
          ...some(decision !== null, decision?.decision ?? "", decision?.by.name),
          ...some(decision !== null, "With the reason", decision?.reason),
          ...some(decision !== null, "Decided", decision && <Moment at={decision.at} />),
          ...some(
            outcome?.seq != null,
            "Booked as record",
            <Id key="r" kind="record" id={String(outcome?.seq)} />,
          ),
          ...some(Boolean(outcome?.detail), "Outcome", outcome?.detail),
        ]}
      />
      {approval.body && (
        <details className="text-xs text-ink-soft">
          <summary className="target">The request itself</summary>
          <pre className="max-h-60 overflow-auto rounded-md bg-sunken p-2 text-2xs text-ink">
            {JSON.stringify(approval.body, null, 1)}
          </pre>
        </details>
      )}
    </div>
  );
}

function Decide({ approval }: { approval: Approval }) {
  const queries = useQueryClient();
  const [reason, setReason] = useState("");
  const decide = useMutation({
    mutationFn: (word: "approve" | "reject") =>
      call(
        http.POST(`/v1/approvals/{id}/${word}`, { params: { path: { id: approval.id } }, body: { reason } }),
      ),
    onSettled: () => void queries.invalidateQueries(),
  });
  return (
    <Panel title="Decide">
      <div className="flex flex-col gap-3">
        <p className="text-xs text-ink-soft">
          Approving books it at once. Whoever proposed it can only withdraw it, which is rejecting it.
        </p>
        <Field
          label="Your reason"
          value={reason}
          required
          maxLength={500}
          onChange={(event) => setReason(event.target.value)}
        />
        {decide.error && <Failed error={decide.error} />}
        <div className="flex flex-wrap gap-2">
          <Button
            tone="primary"
            busy={decide.isPending}
            disabled={!reason.trim()}
            onClick={() => decide.mutate("approve")}
          >
            Approve
          </Button>
          <Button
            tone="danger"
            busy={decide.isPending}
            disabled={!reason.trim()}
            onClick={() => decide.mutate("reject")}
          >
            Reject
          </Button>
          {!reason.trim() && <p className="self-center text-xs text-ink-soft">Either takes a reason.</p>}
        </div>
      </div>
    </Panel>
  );
}
