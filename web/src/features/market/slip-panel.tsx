/** The slip: stake and price, what it wins and can lose, and one button that says what it does. */
import { Minus, Plus } from "lucide-react";
import { type FormEvent, type KeyboardEvent, useEffect, useRef, useState } from "react";
import {
  amountOf,
  type Currency,
  commissionOn,
  type Draft,
  draftStake,
  type Head,
  type Ladder,
  ladderNamed,
  type MarketBook,
  oddsText,
  outcomeOf,
  readAmount,
  readOdds,
  showOdds,
  stakesIn,
} from "@/core";
import { ApiProblem, newKey, useBalance, useMe, usePreferences } from "@/data";
import {
  AmountField,
  Button,
  classes,
  Empty,
  Facts,
  Failed,
  Field,
  IconButton,
  LogInLink,
  Money,
  Panel,
  StakeButtons,
  useIsWide,
  useOddsFormat,
} from "@/ui";
import { Delayed } from "./delayed";
import { OneClickSwitch } from "./one-click";
import { usePlaceOrder } from "./placing";
import { useSlip, useSlipActions } from "./slip-state";

interface Props {
  readonly book: MarketBook;
  readonly head: Head;
  readonly currency: Currency;
  readonly takesBets: boolean;
  readonly discountBps: number;
  readonly nameOf: (runner: string) => string;
}

export function SlipPanel(props: Props) {
  const { draft, oneClickStake } = useSlip();
  const isWide = useIsWide();
  return (
    <Panel title={isWide && "Bet slip"} actions={<OneClickSwitch currency={props.currency} />}>
      <div className="flex flex-col gap-3">
        <Delayed head={props.head} nameOf={props.nameOf} />
        {draft ? (
          <SlipForm key={`${draft.runner} ${draft.side}`} {...props} draft={draft} />
        ) : oneClickStake === undefined ? (
          <Empty title="The slip is empty">
            Press a price: blue backs a runner, which is to say that it wins; pink lays it, which is to say
            that it does not. Once there is a stake here, each price that you point at shows beside the
            runners what it would change.
          </Empty>
        ) : (
          <Empty title="Presses bet at once">
            Every press on a price places a bet of {oneClickStake} {props.currency.code}.
          </Empty>
        )}
      </div>
    </Panel>
  );
}

function SlipForm({ book, head, currency, takesBets, discountBps, draft, nameOf }: Props & { draft: Draft }) {
  const slip = useSlipActions();
  const me = useMe();
  const balance = useBalance(currency.code);
  const preferences = usePreferences();
  const stakeBox = useRef<HTMLInputElement>(null);
  const [key, setKey] = useState(newKey);
  // Whoever came here with keys goes on from where they were when the slip is gone.
  useEffect(() => {
    const before = document.activeElement;
    stakeBox.current?.focus();
    return () => {
      if (document.activeElement === document.body && before instanceof HTMLElement)
        before.focus({ preventScroll: true });
    };
  }, []);

  const typed = readAmount(draft.stake, currency);
  const stakeMinor = draftStake(draft, currency);
  const outcome = stakeMinor === undefined ? undefined : outcomeOf(draft.side, draft.odds, stakeMinor);
  const runner = book.runner(draft.runner);
  const place = usePlaceOrder(head, currency, nameOf);
  const problem = place.error instanceof ApiProblem ? place.error : undefined;
  const isByLiability = draft.byLiability && draft.side === "lay";

  const change = (changes: Partial<Draft>) => {
    slip.change(changes);
    setKey(newKey());
    place.reset();
  };

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!me?.id || stakeMinor === undefined || place.isPending) return;
    const stake = amountOf(stakeMinor, currency.scale);
    place.mutate(
      { runner: draft.runner, side: draft.side, odds: oddsText(draft.odds), stake, key },
      {
        onSuccess: () => slip.clear(),
        // A refusal stands for its key; whoever tries again means another bet.
        onError: (error) => error instanceof ApiProblem && !error.isPassing && setKey(newKey()),
      },
    );
  };

  return (
    <form
      onSubmit={submit}
      aria-label={`${draft.side === "back" ? "Back" : "Lay"} ${runner?.name ?? ""}`}
      className={classes(
        "flex flex-col gap-3 rounded-md p-3 [--field:var(--raised)]",
        draft.side === "back" ? "bg-back" : "bg-lay",
      )}
    >
      <div className="flex items-start justify-between gap-2">
        <p className="min-w-0 text-sm font-semibold break-words">
          {draft.side === "back" ? "Back" : "Lay"} {runner?.name}
        </p>
        <Button size="small" tone="quiet" className="text-ink!" onClick={() => slip.clear()}>
          Clear
        </Button>
      </div>
      <div className="grid grid-cols-2 gap-2">
        <PriceBox draft={draft} ladder={ladderNamed(head.ladder)} change={change} />
        <AmountField
          label={isByLiability ? "Liability" : "Stake"}
          unit={currency.code}
          value={draft.stake}
          ref={stakeBox}
          onChange={(event) => change({ stake: event.target.value })}
          problem={"wrong" in typed ? typed.wrong : problem?.fields["stake"]}
        />
      </div>
      <div className="flex flex-wrap gap-1.5">
        <StakeButtons
          stakes={stakesIn(preferences, currency.code)}
          code={currency.code}
          pick={(stake) => change({ stake })}
        />
        {draft.side === "lay" && (
          <Button
            size="small"
            aria-pressed={draft.byLiability}
            onClick={() => change({ byLiability: !draft.byLiability })}
          >
            {draft.byLiability ? "By stake" : "By liability"}
          </Button>
        )}
      </div>
      <Facts
        items={[
          [
            "Profit if right",
            outcome ? (
              <Money
                key="p"
                amount={amountOf(
                  outcome.profitMinor -
                    commissionOn(outcome.profitMinor, { bps: head.commissionBps, discountBps }),
                  currency.scale,
                )}
                tone
              />
            ) : (
              "–"
            ),
          ],
          [
            draft.side === "back" ? "Loss if wrong" : "Liability",
            outcome ? <Money key="l" amount={amountOf(-outcome.liabilityMinor, currency.scale)} tone /> : "–",
          ],
          ...(isByLiability && stakeMinor !== undefined
            ? ([["Stake", <Money key="s" amount={amountOf(stakeMinor, currency.scale)} />]] as const)
            : []),
          ...(balance
            ? ([["You have", <Money key="b" amount={balance.cash} code={currency.code} />]] as const)
            : []),
        ]}
      />
      {head.status === "in_play" && head.betDelayMs > 0 && (
        <p className="text-2xs">In-play a bet waits {head.betDelayMs / 1000} s before it can be matched.</p>
      )}
      {problem && !problem.fields["stake"] && <Failed error={problem} />}
      {me === null ? (
        <LogInLink>Log in to bet</LogInLink>
      ) : (
        <Button
          type="submit"
          tone="primary"
          size="large"
          busy={place.isPending}
          disabled={!me?.id || !takesBets || stakeMinor === undefined}
        >
          {takesBets ? `Place ${draft.side}` : "No bets are taken now"}
        </Button>
      )}
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
