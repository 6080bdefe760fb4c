/** Pay another customer. What will be done is shown once more before it is. */
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { amountOf, moneyText, readAmount } from "@/core";
import { ApiProblem, call, http, useBalance, useCommand, useCurrency } from "@/data";
import { AmountField, Button, Dialog, Facts, Failed, Field, Money, Panel, tell } from "@/ui";

/** Refusals that have to do with who is to be paid: they stand where the name was typed. */
const OF_RECIPIENT: ReadonlySet<string> = new Set(["recipient_unknown", "same_customer"]);

export function TransferTab({ currency: code }: { currency: string }) {
  const currency = useCurrency(code);
  const balance = useBalance(code);
  const queries = useQueryClient();
  const [to, setTo] = useState("");
  const [text, setText] = useState("");
  const [memo, setMemo] = useState("");
  const [isAsking, setIsAsking] = useState(false);
  const typed = readAmount(text, currency);
  const amount = "minor" in typed ? amountOf(typed.minor, currency.scale) : undefined;
  const pay = useCommand({
    send: (sum: string, key) =>
      call(
        http.POST("/v1/transfers", {
          params: { header: { "Idempotency-Key": key } },
          body: { to_username: to.replace(/^@/, ""), amount: sum, currency: code, ...(memo ? { memo } : {}) },
        }),
      ),
    done: () => {
      tell(`Paid ${amount} ${code} to ${to}`);
      setIsAsking(false);
      setText("");
      setMemo("");
      void queries.invalidateQueries({ queryKey: ["transactions"] });
    },
    // What was refused is mended in the form; what may pass is asked again from here.
    failed: (error) => error instanceof ApiProblem && !error.isPassing && setIsAsking(false),
  });
  const { problem } = pay;
  const change = (set: (value: string) => void) => (value: string) => {
    set(value);
    pay.change();
  };
  return (
    <Panel title={`Pay somebody in ${code}`} className="max-w-md">
      <form
        className="flex flex-col gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          setIsAsking(true);
        }}
      >
        <Field
          label="To (username)"
          value={to}
          onChange={(event) => change(setTo)(event.target.value)}
          problem={
            problem?.fields["to_username"] ??
            (problem && OF_RECIPIENT.has(problem.code) ? problem.message : undefined)
          }
          required
          autoComplete="off"
        />
        <AmountField
          label="Amount"
          unit={code}
          value={text}
          onChange={(event) => change(setText)(event.target.value)}
          problem={"wrong" in typed ? typed.wrong : problem?.fields["amount"]}
          hint={balance && `You have ${moneyText(balance.cash, { code })}.`}
        />
        <Field
          label="Message (both of you see it)"
          value={memo}
          onChange={(event) => change(setMemo)(event.target.value)}
          maxLength={200}
          problem={problem?.fields["memo"]}
        />
        {problem && !OF_RECIPIENT.has(problem.code) && Object.keys(problem.fields).length === 0 && (
          <Failed error={problem} />
        )}
        <Button type="submit" tone="primary" disabled={!to || !amount}>
          Go on
        </Button>
      </form>
      <Dialog
        open={isAsking}
        onClose={() => setIsAsking(false)}
        title="Pay this?"
        note="A payment is final: only the other can send it back."
      >
        <Facts
          items={[
            ["To", to],
            ["Amount", <Money key="a" amount={amount ?? "0"} code={code} className="font-semibold" />],
            ...(memo ? ([["Message", memo]] as const) : []),
          ]}
        />
        {problem?.isPassing && <Failed error={problem} />}
        <div className="mt-4 flex justify-end gap-2">
          <Button onClick={() => setIsAsking(false)}>Back</Button>
          <Button tone="primary" busy={pay.isPending} onClick={() => amount && pay.send(amount)}>
            Pay {amount}
          </Button>
        </div>
      </Dialog>
    </Panel>
  );
}
