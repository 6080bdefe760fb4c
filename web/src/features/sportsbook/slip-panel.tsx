/** The slip: singles or an accumulator, what they return, and what happens when odds have moved meanwhile. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { X } from "lucide-react";
import { useState } from "react";
import {
  accepts,
  amountOf,
  type Currency,
  combinedOdds,
  oddsOf,
  oddsText,
  readAmount,
  returnOf,
  stakesIn,
} from "@/core";
import {
  ApiProblem,
  call,
  http,
  isOpen,
  type LiveEvent,
  newKey,
  useBalance,
  useConfig,
  useCurrency,
  useEvent,
  useMe,
  usePreferences,
  useSeveralEvents,
} from "@/data";
import {
  AmountField,
  Banner,
  Button,
  Empty,
  Facts,
  Failed,
  IconButton,
  Money,
  Odds,
  Panel,
  Select,
  SlipPlace,
  StakeButtons,
  tell,
} from "@/ui";
import { type Accept, agree, choose, clear, drop, nameOf, type Picked, useSlipState } from "./slip-store";

export function SportsSlip() {
  const { picked } = useSlipState();
  // On a phone it opens by the bar: whoever picks several goes on picking.
  return (
    <SlipPlace label={`Bet slip (${picked.length})`} asked={picked.length > 0 ? "some" : undefined}>
      <SlipContent />
    </SlipPlace>
  );
}

function SlipContent() {
  const { picked, isTogether, accept } = useSlipState();
  const { currencies } = useConfig();
  const [code, setCode] = useState(currencies[0]?.code ?? "USD");
  const currency = useCurrency(code);
  if (picked.length === 0) {
    return (
      <Panel title="Bet slip">
        <Empty title="The slip is empty">Press odds to put a selection in.</Empty>
      </Panel>
    );
  }
  return (
    <Panel
      title={`Bet slip (${picked.length})`}
      actions={
        <Button size="small" tone="quiet" onClick={clear}>
          Clear
        </Button>
      }
    >
      <div className="flex flex-col gap-3">
        {picked.length > 1 && (
          <fieldset className="grid grid-cols-2 gap-1 rounded-md bg-sunken p-1">
            <legend className="sr-only">How to bet on these</legend>
            {[false, true].map((together) => (
              <Button
                key={String(together)}
                size="small"
                tone={together === isTogether ? "primary" : "quiet"}
                aria-pressed={together === isTogether}
                onClick={() => choose({ isTogether: together })}
              >
                {together ? "Accumulator" : "Singles"}
              </Button>
            ))}
          </fieldset>
        )}
        <div className="grid grid-cols-2 gap-2">
          <Select
            label="If odds move"
            value={accept}
            onChange={(event) => choose({ accept: event.target.value as Accept })}
            options={[
              ["better", "Take better ones"],
              ["any", "Take any"],
              ["none", "Ask me"],
            ]}
          />
          {currencies.length > 1 && (
            <Select
              label="Currency"
              value={code}
              onChange={(event) => setCode(event.target.value)}
              options={currencies.map((each) => [each.code, each.code] as const)}
            />
          )}
        </div>
        {isTogether && picked.length > 1 ? (
          <Together picked={picked} accept={accept} currency={currency} />
        ) : (
          picked.map((each) => (
            <Single key={nameOf(each)} picked={each} accept={accept} currency={currency} />
          ))
        )}
      </div>
    </Panel>
  );
}

function Line({ picked, now }: { picked: Picked; now: number | undefined }) {
  const hasMoved = now !== undefined && now !== picked.seen;
  return (
    <div className="flex items-start justify-between gap-2">
      <div className="min-w-0">
        <p className="text-sm font-medium break-words">{picked.selectionName}</p>
        <p className="text-2xs text-ink-faint break-words">
          {picked.marketName} · {picked.eventTitle}
        </p>
      </div>
      <div className="flex shrink-0 items-center gap-1 text-sm font-semibold">
        {hasMoved && (
          <s className="text-2xs font-normal text-ink-faint">
            <span className="sr-only">was </span>
            <Odds odds={picked.seen} />
          </s>
        )}
        {now === undefined ? <span className="text-2xs text-warn">closed</span> : <Odds odds={now} />}
        <IconButton
          label={`Take ${picked.selectionName} out`}
          size="small"
          className="min-w-7!"
          onClick={() => drop(picked)}
        >
          <X size={14} aria-hidden="true" />
        </IconButton>
      </div>
    </div>
  );
}

/** The odds of a selection now; `undefined` if it cannot be bet on. */
function nowOf(event: LiveEvent | undefined, picked: Picked): number | undefined {
  const market = event?.markets.find((each) => each.key === picked.market);
  const selection = market?.selections.find((each) => each.key === picked.selection);
  if (!event || !market || selection?.status !== "open" || !isOpen(event, market)) return undefined;
  return oddsOf(selection.odds);
}

interface Bettable {
  readonly accept: Accept;
  readonly currency: Currency;
}

function Single({ picked, accept, currency }: Bettable & { picked: Picked }) {
  const now = nowOf(useEvent(picked.eventId).event, picked);
  return (
    <div className="flex flex-col gap-2 rounded-md border border-line p-2.5">
      <Line picked={picked} now={now} />
      <Stake
        picked={[picked]}
        now={now === undefined ? undefined : [now]}
        accept={accept}
        currency={currency}
      />
    </div>
  );
}

function Together({ picked, accept, currency }: Bettable & { picked: readonly Picked[] }) {
  const events = useSeveralEvents(picked.map((each) => each.eventId));
  const now = picked.map((each) => nowOf(events.get(each.eventId), each));
  const all = now.every((each) => each !== undefined) ? (now as number[]) : undefined;
  const { limits } = useConfig();
  const isRelated = new Set(picked.map((each) => each.eventId)).size < picked.length;
  return (
    <div className="flex flex-col gap-2 rounded-md border border-line p-2.5">
      {picked.map((each, place) => (
        <Line key={nameOf(each)} picked={each} now={now[place]} />
      ))}
      {picked.length > limits.legs_max && (
        <Banner tone="warn">An accumulator has at most {limits.legs_max} selections.</Banner>
      )}
      {isRelated && <Banner tone="warn">Two of these are of one event: they cannot be combined.</Banner>}
      <Stake picked={picked} now={isRelated ? undefined : all} accept={accept} currency={currency} />
    </div>
  );
}

function Stake({
  picked,
  now,
  accept,
  currency,
}: Bettable & { picked: readonly Picked[]; now: readonly number[] | undefined }) {
  const me = useMe();
  const preferences = usePreferences();
  const balance = useBalance(currency.code);
  const queries = useQueryClient();
  const [text, setText] = useState("");
  const [key, setKey] = useState(newKey);
  const typed = readAmount(text, currency);
  const stakeMinor = "minor" in typed ? typed.minor : undefined;
  const isAgreed =
    now?.every((odds, place) =>
      accepts(accept === "none" ? "exact" : accept, picked[place]?.seen ?? 0, odds),
    ) ?? false;

  const place = useMutation({
    mutationFn: (amount: string) =>
      call(
        http.POST("/v1/sportsbook/bets", {
          params: { header: { "Idempotency-Key": key } },
          body: {
            legs: picked.map((each) => ({
              event_id: each.eventId,
              market: each.market,
              selection: each.selection,
              odds: oddsText(each.seen),
            })),
            amount,
            currency: currency.code,
            accept,
          },
        }),
      ),
    onSuccess: (bet) => {
      tell(
        `Bet placed: ${bet.amount} ${bet.currency} at ${bet.odds}`,
        `It returns ${bet.potential_payout} if it wins.`,
      );
      for (const each of picked) drop(each);
      void queries.invalidateQueries({ queryKey: ["bets"] });
    },
    // A refusal stands for its key; whoever tries again means another bet.
    onError: (error) => error instanceof ApiProblem && !error.isPassing && setKey(newKey()),
  });
  const problem = place.error instanceof ApiProblem ? place.error : undefined;

  const change = (next: string) => {
    setText(next);
    setKey(newKey());
    place.reset();
  };
  const agreeToAll = () => {
    if (now) agree(new Map(picked.map((each, place) => [nameOf(each), now[place] ?? each.seen])));
    setKey(newKey());
    place.reset();
  };

  return (
    <form
      className="flex flex-col gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        if (stakeMinor !== undefined && !place.isPending) place.mutate(amountOf(stakeMinor, currency.scale));
      }}
    >
      <AmountField
        label="Stake"
        unit={currency.code}
        value={text}
        onChange={(event) => change(event.target.value)}
        problem={"wrong" in typed ? typed.wrong : problem?.fields["amount"]}
        hint={balance && `You have ${balance.cash} ${currency.code}.`}
      />
      <div className="flex flex-wrap gap-1.5">
        <StakeButtons stakes={stakesIn(preferences, currency.code)} code={currency.code} pick={change} />
        {problem?.code === "stake_limited" && problem.more.maximum && (
          <Button size="small" onClick={() => change(problem.more.maximum ?? "")}>
            Most: {problem.more.maximum}
          </Button>
        )}
      </div>
      {now && (
        <Facts
          items={[
            ["Odds", <Odds key="o" odds={Number(combinedOdds(now))} />],
            ...(stakeMinor === undefined
              ? []
              : ([
                  [
                    "Returns if it wins",
                    <Money
                      key="r"
                      amount={amountOf(returnOf(stakeMinor, now), currency.scale)}
                      code={currency.code}
                    />,
                  ],
                ] as const)),
          ]}
        />
      )}
      {problem && problem.code !== "odds_changed" && !problem.fields["amount"] && <Failed error={problem} />}
      {now && (!isAgreed || problem?.code === "odds_changed") ? (
        <>
          <Banner tone="warn" role="alert">
            The odds have moved.
          </Banner>
          <Button tone="primary" onClick={agreeToAll}>
            Agree to the odds now
          </Button>
        </>
      ) : (
        <Button
          type="submit"
          tone="primary"
          size="large"
          busy={place.isPending}
          disabled={!me?.id || !now || stakeMinor === undefined}
        >
          {me?.id ? (now ? "Place the bet" : "Not open now") : "Log in to bet"}
        </Button>
      )}
    </form>
  );
}
