/** Money out, and how far each withdrawal has come. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { moneyText } from "@/core";
import { call, http, type Schemas, useBalance, useCommand, useConfig } from "@/data";
import { Asked, Badge, Empty, Field, Moment, Money, Panel, Table, tell } from "@/ui";
import { AmountForm } from "./amount-form";

export function WithdrawTab({ user, currency }: { user: string; currency: string }) {
  const balance = useBalance(currency);
  const { features } = useConfig();
  const queries = useQueryClient();
  const [destination, setDestination] = useState("");
  const isOverChain = features.chain_rail?.currency === currency;
  const withdraw = useCommand({
    send: (amount: string, key) =>
      call(
        http.POST("/v1/withdrawals", {
          params: { header: { "Idempotency-Key": key } },
          body: { amount, currency, ...(destination ? { destination } : {}) },
        }),
      ),
    done: () => {
      tell("The withdrawal is under way", "The money is held until it is paid.");
      void queries.invalidateQueries({ queryKey: ["withdrawals"] });
      void queries.invalidateQueries({ queryKey: ["transactions"] });
    },
  });
  return (
    <div className="grid items-start gap-4 lg:grid-cols-2">
      <AmountForm
        title={`Withdraw ${currency}`}
        verb="Withdraw"
        currency={currency}
        hint={balance && `You have ${moneyText(balance.cash, { code: currency })}.`}
        moving={withdraw}
      >
        <Field
          label={isOverChain ? "To this address on the chain" : "To (for whoever pays it out)"}
          value={destination}
          onChange={(event) => {
            setDestination(event.target.value);
            withdraw.change();
          }}
          problem={withdraw.problem?.fields["destination"]}
          required={isOverChain}
          autoComplete="off"
          spellCheck={false}
        />
      </AmountForm>
      <Withdrawals user={user} />
    </div>
  );
}

function Withdrawals({ user }: { user: string }) {
  const withdrawals = useQuery({
    queryKey: ["withdrawals", user],
    queryFn: ({ signal }) =>
      call(
        http.GET("/v1/users/{id}/withdrawals", {
          params: { path: { id: user }, query: { limit: 20 } },
          signal,
        }),
      ),
    refetchInterval: 5_000,
  });
  return (
    <Panel title="Withdrawals" flush>
      <Asked query={withdrawals} rows={2}>
        {(found) =>
          found.items.length === 0 ? (
            <Empty title="None yet" />
          ) : (
            <Table
              label="Withdrawals"
              rows={found.items}
              rowKey={(row) => row.id}
              columns={[
                { key: "status", head: "Progress", cell: (row) => <Progress withdrawal={row} /> },
                {
                  key: "amount",
                  head: "Amount",
                  isNumber: true,
                  cell: (row) => <Money amount={row.amount} code={row.currency} />,
                },
                {
                  key: "at",
                  head: "Asked for",
                  isExtra: true,
                  cell: (row) => <Moment at={row.requested_at} />,
                },
              ]}
            />
          )
        }
      </Asked>
    </Panel>
  );
}

type Withdrawal = Schemas["Withdrawal"];

const WORDS: Readonly<Record<Withdrawal["progress"], string>> = {
  held: "Set aside",
  waiting_approval: "Waits for approval",
  approved: "Approved",
  sent: "Sent",
  stuck: "Stuck: the house looks into it",
  confirmed: "Confirmed",
  paid: "Paid",
  returned: "Returned to you",
};

const BY_HAND: readonly Withdrawal["progress"][] = ["held", "paid"];
const OVER_CHAIN: readonly Withdrawal["progress"][] = ["waiting_approval", "approved", "sent", "confirmed"];

/** How far a withdrawal has come: in words, and as steps of which the ones behind it are filled. */
function Progress({ withdrawal }: { withdrawal: Withdrawal }) {
  const { progress, status, rail } = withdrawal;
  const steps = rail ? OVER_CHAIN : BY_HAND;
  const reached = status === "completed" ? steps.length : Math.max(steps.indexOf(progress) + 1, 1);
  const tone = status === "completed" ? "good" : status === "rejected" ? "bad" : "warn";
  return (
    <span className="flex flex-col gap-1">
      <span className="flex flex-wrap items-center gap-2">
        <Badge tone={tone}>{WORDS[progress]}</Badge>
        {withdrawal.reason && <span className="text-2xs text-ink-faint">{withdrawal.reason}</span>}
      </span>
      {status === "pending" && (
        <span aria-hidden="true" className="flex max-w-40 gap-0.5">
          {steps.map((step, place) => (
            <span
              key={step}
              className={`h-1 flex-1 rounded-full ${place < reached ? "bg-accent" : "bg-line"}`}
            />
          ))}
        </span>
      )}
      {withdrawal.destination && (
        <span
          className="max-w-44 truncate text-2xs text-ink-faint"
          title={withdrawal.tx_hash ? `Transaction ${withdrawal.tx_hash}` : withdrawal.destination}
        >
          to {withdrawal.destination}
        </span>
      )}
    </span>
  );
}
