/** Betting with one press: off unless somebody turns it on, and then there is no overlooking it. */
import { Zap } from "lucide-react";
import { useState } from "react";
import { amountOf, type Currency, moneyText, readAmount, stakesIn } from "@/core";
import { changePreferences, useMe, usePreferences } from "@/data";
import { AmountField, Button, Dialog, StakeButtons } from "@/ui";
import { useSlip } from "./slip-state";

/** The bar that stands over the prices while a press bets at once. */
export function OneClickBar({ currency }: { currency: Currency }) {
  const { oneClickStake } = useSlip();
  if (oneClickStake === undefined) return null;
  return (
    <div
      role="status"
      className="sticky top-7 z-20 flex flex-wrap items-center justify-between gap-x-4 gap-y-1 rounded-lg border-2 border-warn bg-warn-soft px-3 py-1.5 text-sm font-medium text-warn"
    >
      <span className="flex items-center gap-2">
        <Zap size={16} aria-hidden="true" fill="currentColor" className="shrink-0" />
        <span>
          One-click betting is on: a press on a price bets {moneyText(oneClickStake, { code: currency.code })}{" "}
          at once.
        </span>
      </span>
      <Button size="small" onClick={() => changePreferences({ oneClick: false })}>
        Turn it off
      </Button>
    </div>
  );
}

/** Turning it on asks for the stake first; turning it off is one press. */
export function OneClickSwitch({ currency }: { currency: Currency }) {
  const me = useMe();
  const { oneClickStake } = useSlip();
  const [isAsking, setIsAsking] = useState(false);
  if (!me?.id) return null;
  const isOn = oneClickStake !== undefined;
  return (
    <>
      <Button
        size="small"
        tone="quiet"
        role="switch"
        aria-checked={isOn}
        aria-label="One-click betting"
        icon={<Zap size={14} aria-hidden="true" fill={isOn ? "currentColor" : "none"} />}
        className={isOn ? "text-warn!" : ""}
        onClick={() => (isOn ? changePreferences({ oneClick: false }) : setIsAsking(true))}
      >
        One-click {isOn ? "on" : "off"}
      </Button>
      {isAsking && <Ask currency={currency} onClose={() => setIsAsking(false)} />}
    </>
  );
}

function Ask({ currency, onClose }: { currency: Currency; onClose: () => void }) {
  const preferences = usePreferences();
  const stakes = stakesIn(preferences, currency.code);
  const [text, setText] = useState(preferences.oneClickStakes[currency.code] ?? stakes[0] ?? "");
  const typed = readAmount(text, currency);
  const turnOn = () => {
    if (!("minor" in typed)) return;
    const stake = amountOf(typed.minor, currency.scale);
    changePreferences({
      oneClick: true,
      oneClickStakes: { ...preferences.oneClickStakes, [currency.code]: stake },
    });
    onClose();
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title="Bet with one press?"
      note={`Then every press on a price in a market in ${currency.code} places a bet at once, without a slip.`}
    >
      <form
        className="flex flex-col gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          turnOn();
        }}
      >
        <AmountField
          label="Stake of each bet"
          unit={currency.code}
          value={text}
          onChange={(event) => setText(event.target.value)}
          problem={"wrong" in typed ? typed.wrong : undefined}
        />
        <StakeButtons stakes={stakes} code={currency.code} pick={setText} />
        <div className="mt-1 flex justify-end gap-2">
          <Button onClick={onClose}>Leave it off</Button>
          <Button type="submit" tone="primary" disabled={!("minor" in typed)}>
            Turn it on
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
