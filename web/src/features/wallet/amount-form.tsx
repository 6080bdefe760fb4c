/** An amount of a currency and the button that moves it: what deposits and withdrawals have in common. */
import { type ReactNode, useState } from "react";
import { amountOf, readAmount } from "@/core";
import { type ApiProblem, useCurrency } from "@/data";
import { AmountField, Button, Failed, Panel } from "@/ui";

/** What the form tells the house, as `useCommand` gives it. */
export interface Moving {
  readonly send: (amount: string, then: { onSuccess: () => void }) => void;
  readonly change: () => void;
  readonly isPending: boolean;
  readonly problem: ApiProblem | undefined;
}

export function AmountForm({
  title,
  verb,
  currency: code,
  initial = "",
  hint,
  moving,
  className,
  children,
}: {
  title: string;
  verb: string;
  currency: string;
  /** What stands in the field at first, and again once it has been moved. */
  initial?: string;
  hint?: ReactNode;
  moving: Moving;
  className?: string;
  /** Further fields. */
  children?: ReactNode;
}) {
  const currency = useCurrency(code);
  const [text, setText] = useState(initial);
  const typed = readAmount(text, currency);
  const { problem } = moving;
  return (
    <Panel title={title} {...(className ? { className } : {})}>
      <form
        className="flex flex-col gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          if ("minor" in typed && !moving.isPending)
            moving.send(amountOf(typed.minor, currency.scale), { onSuccess: () => setText(initial) });
        }}
      >
        <AmountField
          label="Amount"
          unit={code}
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            moving.change();
          }}
          problem={"wrong" in typed ? typed.wrong : problem?.fields["amount"]}
          hint={hint}
        />
        {children}
        {problem && Object.keys(problem.fields).length === 0 && <Failed error={problem} />}
        <Button type="submit" tone="primary" busy={moving.isPending} disabled={!("minor" in typed)}>
          {verb}
        </Button>
      </form>
    </Panel>
  );
}
