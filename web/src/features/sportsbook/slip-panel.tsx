/** The slip: what is picked, as singles or an accumulator, at the odds of now. */
import { X } from "lucide-react";
import { useState } from "react";
import { type Currency, oddsOf, serverNow } from "@/core";
import { isOpen, type LiveEvent, useConfig, useCurrency, useEvent, useSeveralEvents } from "@/data";
import { Banner, Button, Empty, IconButton, Odds, Panel, Select, SlipPlace, useIsWide } from "@/ui";
import { type Accept, choose, clear, drop, nameOf, type Picked, useSlipState } from "./slip-store";
import { Stake } from "./stake";

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
  const isWide = useIsWide();
  if (picked.length === 0) {
    return (
      <Panel title="Bet slip">
        <Empty title="The slip is empty">Press odds to put a selection in.</Empty>
      </Panel>
    );
  }
  return (
    <Panel
      title={isWide && `Bet slip (${picked.length})`}
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
              ["better", "Take better"],
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

function Line({ picked, now }: { picked: Picked; now: Now }) {
  const hasMoved = typeof now === "number" && now !== picked.seen;
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
        {typeof now === "number" ? <Odds odds={now} /> : <span className="text-2xs text-warn">{now}</span>}
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

/** The odds of a selection now, or in a word why it cannot be bet on. */
type Now = number | "Suspended" | "Closed" | "…";

function nowOf(event: LiveEvent | undefined, picked: Picked): Now {
  if (!event) return "…";
  const market = event.markets.find((each) => each.key === picked.market);
  const selection = market?.selections.find((each) => each.key === picked.selection);
  if (market && selection?.status === "open" && isOpen(event, market)) return oddsOf(selection.odds);
  const isOver = event.status !== "new" || Date.parse(event.deadline) <= serverNow();
  return !isOver && (event.suspended || market?.status === "suspended") ? "Suspended" : "Closed";
}

/** Why nothing can be bet, as the button says it. */
function whyNot(now: readonly Now[]): string | undefined {
  return now.includes("Suspended") && !now.includes("Closed") ? "Suspended" : undefined;
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
        now={typeof now === "number" ? [now] : undefined}
        why={whyNot([now])}
        accept={accept}
        currency={currency}
      />
    </div>
  );
}

function Together({ picked, accept, currency }: Bettable & { picked: readonly Picked[] }) {
  const events = useSeveralEvents(picked.map((each) => each.eventId));
  const now = picked.map((each) => nowOf(events.get(each.eventId), each));
  const all = now.every((each) => typeof each === "number") ? now : undefined;
  const { limits } = useConfig();
  const isRelated = new Set(picked.map((each) => each.eventId)).size < picked.length;
  return (
    <div className="flex flex-col gap-2 rounded-md border border-line p-2.5">
      {picked.map((each, place) => (
        <Line key={nameOf(each)} picked={each} now={now[place] ?? "…"} />
      ))}
      {picked.length > limits.legs_max && (
        <Banner tone="warn">An accumulator has at most {limits.legs_max} selections.</Banner>
      )}
      {isRelated && <Banner tone="warn">Two of these are of one event: they cannot be combined.</Banner>}
      <Stake
        picked={picked}
        now={isRelated ? undefined : all}
        why={isRelated ? undefined : whyNot(now)}
        accept={accept}
        currency={currency}
      />
    </div>
  );
}
