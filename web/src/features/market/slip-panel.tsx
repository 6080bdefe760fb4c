/** The slip: stake and price, what it wins and can lose, and one button that says what it does. */
import { useMutation } from "@tanstack/react-query";
import { Minus, Plus } from "lucide-react";
import { type FormEvent, type KeyboardEvent, useEffect, useRef, useState } from "react";
import {
  amountOf,
  type Currency,
  commissionOn,
  type Head,
  type Ladder,
  ladderNamed,
  type MarketBook,
  oddsText,
  outcomeOf,
  readAmount,
  readOdds,
  showOdds,
  stakeForLiability,
} from "@/core";
import { ApiProblem, call, http, newKey, useBalance, useMe, usePreferences } from "@/data";
import {
  AmountField,
  Button,
  classes,
  Empty,
  Facts,
  Failed,
  Field,
  IconButton,
  Money,
  Panel,
  tell,
  useOddsFormat,
} from "@/ui";
import { type Draft, useSlip } from "./slip-state";

interface Props {
  readonly book: MarketBook;
  readonly head: Head;
  readonly currency: Currency;
  readonly takesBets: boolean;
  readonly discountBps: number;
}

export function SlipPanel(props: Props) {
  const { draft } = useSlip();
  return (
    <Panel title="Bet slip">
      {draft ? (
        <SlipForm key={`${draft.runner} ${draft.side}`} {...props} draft={draft} />
      ) : (
        <Empty title="The slip is empty">Press a price to back a runner (blue) or to lay it (pink).</Empty>
      )}
    </Panel>
  );
}

function SlipForm({ book, head, currency, takesBets, discountBps, draft }: Props & { draft: Draft }) {
  const slip = useSlip();
  const me = useMe();
  const balance = useBalance(currency.code);
  const { stakes } = usePreferences();
  const ladder = ladderNamed(head.ladder);
  const stakeBox = useRef<HTMLInputElement>(null);
  const [key, setKey] = useState(newKey);
  const [byLiability, setByLiability] = useState(false);
  useEffect(() => stakeBox.current?.focus(), []);

  const typed = readAmount(draft.stake, currency);
  const typedMinor = "minor" in typed ? typed.minor : undefined;
  const stakeMinor =
    typedMinor !== undefined && byLiability && draft.side === "lay"
      ? stakeForLiability(draft.odds, typedMinor)
      : typedMinor;
  const outcome = stakeMinor === undefined ? undefined : outcomeOf(draft.side, draft.odds, stakeMinor);
  const runner = book.runner(draft.runner);
  const place = usePlaceOrder(key);
  const problem = place.error instanceof ApiProblem ? place.error : undefined;

  const change = (changes: Partial<Draft>) => {
    slip.change(changes);
    setKey(newKey());
    place.reset();
  };

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (stakeMinor === undefined || place.isPending) return;
    place.mutate(
      {
        market_id: head.id,
        runner_id: draft.runner,
        side: draft.side,
        odds: oddsText(draft.odds),
        stake: amountOf(stakeMinor, currency.scale),
      },
      {
        onSuccess: (order) => {
          slip.set(undefined);
          const matched = Number(order.matched) > 0;
          tell(
            matched
              ? `Matched ${order.matched} of ${order.stake} ${currency.code}`
              : "The order waits to be matched",
            `${draft.side === "back" ? "Back" : "Lay"} ${runner?.name ?? ""} at ${order.odds}`,
          );
        },
      },
    );
  };

  return (
    <form
      onSubmit={submit}
      className={classes("flex flex-col gap-3 rounded-md p-3", draft.side === "back" ? "bg-back" : "bg-lay")}
    >
      <div className="flex items-start justify-between gap-2">
        <p className="min-w-0 text-sm font-semibold break-words">
          {draft.side === "back" ? "Back" : "Lay"} {runner?.name}
        </p>
        <Button size="small" tone="quiet" onClick={() => slip.set(undefined)}>
          Clear
        </Button>
      </div>
      <div className="grid grid-cols-2 gap-2">
        <PriceBox draft={draft} ladder={ladder} change={change} />
        <AmountField
          label={byLiability && draft.side === "lay" ? "Liability" : "Stake"}
          unit={currency.code}
          value={draft.stake}
          ref={stakeBox}
          onChange={(event) => change({ stake: event.target.value })}
          problem={"wrong" in typed ? typed.wrong : problem?.fields["stake"]}
        />
      </div>
      <div className="flex flex-wrap gap-1.5">
        {stakes.map((stake) => (
          <Button key={stake} size="small" onClick={() => change({ stake })}>
            {stake}
          </Button>
        ))}
        {draft.side === "lay" && (
          <Button size="small" aria-pressed={byLiability} onClick={() => setByLiability(!byLiability)}>
            {byLiability ? "By stake" : "By liability"}
          </Button>
        )}
      </div>
      {outcome && (
        <Facts
          items={[
            [
              "Profit if right",
              <Money
                key="p"
                amount={amountOf(
                  outcome.profitMinor -
                    commissionOn(outcome.profitMinor, { bps: head.commissionBps, discountBps }),
                  currency.scale,
                )}
                tone
              />,
            ],
            [
              draft.side === "back" ? "Loss if wrong" : "Liability",
              <Money key="l" amount={amountOf(-outcome.liabilityMinor, currency.scale)} tone />,
            ],
            ...(byLiability && stakeMinor !== undefined
              ? ([["Stake", <Money key="s" amount={amountOf(stakeMinor, currency.scale)} />]] as const)
              : []),
            ...(balance
              ? ([["You have", <Money key="b" amount={balance.cash} code={currency.code} />]] as const)
              : []),
          ]}
        />
      )}
      {problem && !problem.fields["stake"] && <Failed error={problem} />}
      <Button
        type="submit"
        tone={draft.side}
        size="large"
        busy={place.isPending}
        disabled={!me?.id || !takesBets || stakeMinor === undefined || stakeMinor === 0n}
      >
        {me?.id ? `Place ${draft.side}` : "Log in to bet"}
      </Button>
    </form>
  );
}

/** The price, in the person's own format; arrow keys and the buttons go by ticks, and what is sent is on the ladder. */
function PriceBox({
  draft,
  ladder,
  change,
}: {
  draft: Draft;
  ladder: Ladder;
  change: (changes: Partial<Draft>) => void;
}) {
  const format = useOddsFormat();
  const [text, setText] = useState<string>();
  const read = text === undefined ? draft.odds : readOdds(text, format, ladder);
  const step = (ticks: number) => {
    setText(undefined);
    change({ odds: ladder.step(draft.odds, ticks) });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const ticks = { ArrowUp: 1, ArrowDown: -1, PageUp: 10, PageDown: -10 }[event.key];
    if (ticks === undefined) return;
    event.preventDefault();
    step(ticks);
  };
  return (
    <div className="flex items-start gap-1">
      <Field
        label="Odds"
        className="flex-1"
        inputMode="decimal"
        autoComplete="off"
        value={text ?? showOdds(draft.odds, format)}
        onChange={(event) => {
          setText(event.target.value);
          const odds = readOdds(event.target.value, format, ladder);
          if (odds !== undefined) change({ odds });
        }}
        onBlur={() => setText(undefined)}
        onKeyDown={onKeyDown}
        problem={read === undefined ? "These are no odds." : undefined}
      />
      <div className="mt-[22px] flex flex-col max-md:flex-row">
        <IconButton
          label="One tick longer"
          size="small"
          className="min-w-7! md:min-h-[18px]!"
          onClick={() => step(1)}
        >
          <Plus size={12} aria-hidden="true" />
        </IconButton>
        <IconButton
          label="One tick shorter"
          size="small"
          className="min-w-7! md:min-h-[18px]!"
          onClick={() => step(-1)}
        >
          <Minus size={12} aria-hidden="true" />
        </IconButton>
      </div>
    </div>
  );
}

interface OrderWanted {
  readonly market_id: string;
  readonly runner_id: string;
  readonly side: "back" | "lay";
  readonly odds: string;
  readonly stake: string;
}

/** Place an order under a key: however often it is sent, it is placed once. */
export function usePlaceOrder(key: string) {
  return useMutation({
    mutationFn: (wanted: OrderWanted) =>
      call(
        http.POST("/v1/exchange/orders", {
          params: { header: { "Idempotency-Key": key } },
          body: { time_in_force: "gtc", persistence: "lapse", ...wanted },
        }),
      ),
  });
}
