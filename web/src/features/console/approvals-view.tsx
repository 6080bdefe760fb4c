/** What one operator proposed and another decides. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { call, http, type Schemas, useMe } from "@/data";
import { Badge, Button, Countdown, Empty, Facts, Failed, Field, Loading, Moment, Panel } from "@/ui";
import { PreviewShown } from "./deed-dialog";

type Approval = Schemas["Approval"];

export function ApprovalsView() {
  const approvals = useQuery({
    queryKey: ["approvals"],
    queryFn: ({ signal }) => call(http.GET("/v1/approvals", { params: { query: { limit: 30 } }, signal })),
    refetchInterval: 5_000,
  });
  if (approvals.isPending) return <Loading rows={4} />;
  if (approvals.error) return <Failed error={approvals.error} retry={() => void approvals.refetch()} />;
  if (approvals.data.items.length === 0) return <Empty title="Nothing was proposed" />;
  return (
    <div className="grid items-start gap-4 lg:grid-cols-2">
      {approvals.data.items.map((each) => (
        <Proposed key={each.id} approval={each} />
      ))}
    </div>
  );
}

function Proposed({ approval }: { approval: Approval }) {
  return (
    <Panel
      title={approval.what.replaceAll("_", " ")}
      actions={
        <Badge
          tone={approval.status === "pending" ? "warn" : approval.status === "booked" ? "good" : "neutral"}
        >
          {approval.status}
        </Badge>
      }
    >
      <div className="flex flex-col gap-3">
        <Facts
          items={[
            ["On", approval.target ?? "–"],
            ["By", approval.proposed_by.name],
            ["Because", approval.reason],
            ["Proposed", <Moment key="at" at={approval.proposed_at} />],
            ...(approval.status === "pending"
              ? ([["Expires in", <Countdown key="e" until={approval.expires_at} />]] as const)
              : []),
            ...(approval.decision
              ? ([
                  [
                    "Decided",
                    `${approval.decision.decision} by ${approval.decision.by.name}: ${approval.decision.reason}`,
                  ],
                ] as const)
              : []),
            ...(approval.outcome?.detail ? ([["Outcome", approval.outcome.detail]] as const) : []),
          ]}
        />
        <details>
          <summary className="text-xs text-ink-soft">What it does</summary>
          <div className="mt-2">
            <PreviewShown preview={approval.preview} />
          </div>
        </details>
        {approval.status === "pending" && <Decide approval={approval} />}
      </div>
    </Panel>
  );
}

function Decide({ approval }: { approval: Approval }) {
  const me = useMe();
  const queries = useQueryClient();
  const [reason, setReason] = useState("");
  const decide = useMutation({
    mutationFn: (word: "approve" | "reject") =>
      call(
        http.POST(`/v1/approvals/{id}/${word}`, { params: { path: { id: approval.id } }, body: { reason } }),
      ),
    onSettled: () => void queries.invalidateQueries(),
  });
  const isOwn = me?.name === approval.proposed_by.name;
  return (
    <div className="flex flex-col gap-2">
      <Field label="Your reason" value={reason} onChange={(event) => setReason(event.target.value)} />
      {decide.error && <Failed error={decide.error} />}
      <div className="flex gap-2">
        <Button
          tone="primary"
          busy={decide.isPending}
          disabled={!reason || isOwn}
          onClick={() => decide.mutate("approve")}
        >
          Approve
        </Button>
        <Button
          tone="danger"
          busy={decide.isPending}
          disabled={!reason}
          onClick={() => decide.mutate("reject")}
        >
          {isOwn ? "Withdraw" : "Reject"}
        </Button>
      </div>
      {isOwn && <p className="text-2xs text-ink-faint">You proposed it: somebody else has to approve it.</p>}
    </div>
  );
}
