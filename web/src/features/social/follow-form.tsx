/** The limits within which somebody's bets are copied: all of them, before anything is copied and whenever they change. */
import { useState } from "react";
import { COPIED_PRODUCTS, type CopiedProduct, type Limits, type LimitsDraft, readLimits } from "@/core";
import { type ApiProblem, useCurrency } from "@/data";
import { AmountField, Button, Check, Failed, Field, Select, useOddsFormat } from "@/ui";

/** What the form tells the house, as `useCommand` gives it. */
interface Asking {
  readonly send: (limits: Limits) => void;
  readonly change: () => void;
  readonly isPending: boolean;
  readonly problem: ApiProblem | undefined;
}

const MODES = [
  ["fixed", "the same stake"],
  ["proportional", "a share"],
] as const;

const WHERE: Readonly<Record<CopiedProduct, string>> = {
  exchange: "On the exchange",
  sportsbook: "In the sportsbook",
  pools: "In pools",
};

const HINTS: Readonly<Record<CopiedProduct, string>> = {
  exchange: "Each match of theirs, at odds within your slippage.",
  sportsbook: "Each bet of theirs with the house.",
  pools:
    "In a pool nobody knows what a stake will pay until the round locks: whatever is staked later changes it. " +
    "So no limit can hold the price of a copy; tick this only if you accept any.",
};

export function FollowForm({
  initial,
  currency: code,
  verb,
  asking,
  children,
}: {
  initial: LimitsDraft;
  currency: string;
  verb: string;
  asking: Asking;
  /** Fields before the limits. */
  children?: React.ReactNode;
}) {
  const currency = useCurrency(code);
  const format = useOddsFormat();
  const [draft, setDraft] = useState(initial);
  const { wrong, limits } = readLimits(draft, currency, format);
  const { problem } = asking;
  const change = (changes: Partial<LimitsDraft>) => {
    asking.change();
    setDraft((before) => ({ ...before, ...changes }));
  };
  const say = (field: keyof Limits) => wrong[field] ?? problemOf(problem, field);
  return (
    <form
      className="flex flex-col gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        if (limits && !asking.isPending) asking.send(limits);
      }}
    >
      {children}
      <div className="grid grid-cols-2 items-start gap-3">
        <Select
          label="A bet is copied with"
          value={draft.mode}
          onChange={(event) => change({ mode: event.target.value as LimitsDraft["mode"] })}
          options={MODES}
        />
        <StakeField draft={draft} change={change} code={code} say={say} />
        <AmountField
          label="A copy risks at most"
          unit={code}
          value={draft.perBetCap}
          onChange={(event) => change({ perBetCap: event.target.value })}
          problem={say("per_bet_cap")}
          required
        />
        <AmountField
          label="All copies of a day"
          unit={code}
          value={draft.dailyCap}
          onChange={(event) => change({ dailyCap: event.target.value })}
          problem={say("daily_cap")}
          hint="Days are UTC's."
          required
        />
        <AmountField
          label="All copies together"
          unit={code}
          value={draft.allocation}
          onChange={(event) => change({ allocation: event.target.value })}
          problem={say("allocation")}
          hint="What you set aside for this leader: open copies risk no more than is left of it."
          required
          className="col-span-2"
        />
        <Field
          label="Stop when only so much of it is left"
          unit="%"
          placeholder="never"
          inputMode="numeric"
          autoComplete="off"
          value={draft.stopLoss}
          onChange={(event) => change({ stopLoss: event.target.value })}
          problem={say("stop_loss_percent")}
          hint="Copying is paused then; bets that are open count with what they are worth."
          className="col-span-2"
        />
      </div>
      <Products draft={draft} change={change} say={say} />
      <Field
        label="Only in these markets, events and pools"
        placeholder="everywhere"
        autoComplete="off"
        spellCheck={false}
        value={draft.markets}
        onChange={(event) => change({ markets: event.target.value })}
        problem={say("markets")}
        hint="Their ids, as they stand in the addresses of their pages."
      />
      {problem && !standsAtFields(problem) && <Failed error={problem} />}
      <Button type="submit" tone="primary" size="large" busy={asking.isPending} disabled={!limits}>
        {verb}
      </Button>
    </form>
  );
}

/** The field that a name of the API belongs to: `markets[0]` is one of those in `markets`. */
const fieldOf = (name: string) => name.replace(/[.[].*$/, "");

const FIELDS: ReadonlySet<string> = new Set([
  ...["stake", "ratio", "allocation", "per_bet_cap", "daily_cap", "stop_loss_percent"],
  ...["max_slippage_ticks", "min_odds", "products", "markets"],
]);

/** What the house says is wrong with a field, or with one of several in it. */
function problemOf(problem: ApiProblem | undefined, field: keyof Limits): string | undefined {
  return Object.entries(problem?.fields ?? {}).find(([name]) => fieldOf(name) === field)?.[1];
}

/** Whether all that the house says is wrong stands at a field of this form. */
function standsAtFields(problem: ApiProblem): boolean {
  const names = Object.keys(problem.fields);
  return names.length > 0 && names.every((name) => FIELDS.has(fieldOf(name)));
}

interface Part {
  readonly draft: LimitsDraft;
  readonly change: (changes: Partial<LimitsDraft>) => void;
  readonly say: (field: keyof Limits) => string | undefined;
}

function StakeField({ draft, change, say, code }: Part & { code: string }) {
  if (draft.mode === "fixed") {
    return (
      <AmountField
        label="Stake"
        unit={code}
        value={draft.stake}
        onChange={(event) => change({ stake: event.target.value })}
        problem={say("stake")}
        required
      />
    );
  }
  return (
    <AmountField
      label="Share of their stake"
      unit="%"
      value={draft.share}
      onChange={(event) => change({ share: event.target.value })}
      problem={say("ratio")}
      required
    />
  );
}

/** Where to copy, with what holds the price there. */
function Products({ draft, change, say }: Part) {
  const isOn = (product: CopiedProduct) => draft.products.includes(product);
  const tick = (product: CopiedProduct, isTicked: boolean) =>
    change({ products: COPIED_PRODUCTS.filter((each) => (each === product ? isTicked : isOn(each))) });
  return (
    <fieldset className="flex flex-col gap-3">
      <legend className="mb-2 text-xs font-medium text-ink-soft">Copy their bets</legend>
      {COPIED_PRODUCTS.map((product) => (
        <div key={product} className="flex flex-col gap-2">
          <Check
            label={WHERE[product]}
            hint={HINTS[product]}
            checked={isOn(product)}
            onChange={(event) => tick(product, event.target.checked)}
          />
          {product === "exchange" && isOn(product) && (
            <Field
              className="ms-6.5"
              label="Odds may be worse by"
              unit="ticks"
              inputMode="numeric"
              autoComplete="off"
              value={draft.slippage}
              onChange={(event) => change({ slippage: event.target.value })}
              problem={say("max_slippage_ticks")}
            />
          )}
          {product === "sportsbook" && isOn(product) && (
            <Field
              className="ms-6.5"
              label="Odds must be at least"
              placeholder="any"
              inputMode="decimal"
              autoComplete="off"
              value={draft.minOdds}
              onChange={(event) => change({ minOdds: event.target.value })}
              problem={say("min_odds")}
            />
          )}
        </div>
      ))}
      {say("products") && (
        <p role="alert" className="text-xs text-danger">
          {say("products")}
        </p>
      )}
    </fieldset>
  );
}
