/** How one likes it. Odds are shown so; what is sent stays in decimals. For whoever is logged in the server keeps it. */
import { useState } from "react";
import {
  amountOf,
  type Currency,
  ladderNamed,
  ODDS_FORMATS,
  type OddsFormat,
  readAmount,
  STAKES_MAX,
  showOdds,
  stakesIn,
  type Theme,
} from "@/core";
import { changePreferences, useConfig, useCurrency, usePreferences } from "@/data";
import { AmountField, Badge, Button, Check, Field, Panel, Select, tell } from "@/ui";

const NAMES: Readonly<Record<OddsFormat, string>> = {
  decimal: "Decimal",
  fractional: "Fractional",
  american: "American",
  percent: "Chance in percent",
};
const EXAMPLE = ladderNamed("classic").nearest(250);

export function PreferencesTab() {
  const preferences = usePreferences();
  const { currencies } = useConfig();
  const [code, setCode] = useState(currencies[0]?.code ?? "USD");
  const currency = useCurrency(code);
  return (
    <div className="grid items-start gap-4 lg:grid-cols-2">
      <Panel title="Look">
        <div className="flex flex-col gap-4">
          <Select
            label="Odds"
            value={preferences.odds}
            onChange={(event) => changePreferences({ odds: event.target.value as OddsFormat })}
            options={ODDS_FORMATS.map(
              (each) => [each, `${NAMES[each]} (${showOdds(EXAMPLE, each)})`] as const,
            )}
          />
          <Select
            label="Theme"
            value={preferences.theme}
            onChange={(event) => changePreferences({ theme: event.target.value as Theme })}
            options={[
              ["system", "As the system has it"],
              ["light", "Light"],
              ["dark", "Dark"],
            ]}
          />
        </div>
      </Panel>
      <Panel
        title="Stakes"
        actions={
          currencies.length > 1 && (
            <Select
              label="Currency"
              hideLabel
              value={code}
              onChange={(event) => setCode(event.target.value)}
              options={currencies.map((each) => [each.code, each.code] as const)}
            />
          )
        }
      >
        <div className="flex flex-col gap-4">
          <Stakes key={`stakes ${code}`} currency={currency} />
          <OneClick key={`click ${code}`} currency={currency} />
        </div>
      </Panel>
    </div>
  );
}

/** The stakes that one press fills in, in one currency. */
function Stakes({ currency }: { currency: Currency }) {
  const preferences = usePreferences();
  const [text, setText] = useState(stakesIn(preferences, currency.code).join("  "));
  const read = text
    .split(/\s+/)
    .filter(Boolean)
    .map((each) => readAmount(each, currency));
  const wrong = read.find((each) => "wrong" in each);
  const problem =
    wrong && "wrong" in wrong
      ? wrong.wrong
      : read.length > STAKES_MAX
        ? `At most ${STAKES_MAX}, please.`
        : undefined;
  const keep = () => {
    const stakes = read.flatMap((each) => ("minor" in each ? [plain(each.minor, currency)] : []));
    changePreferences({ stakes: { ...preferences.stakes, [currency.code]: stakes } });
    setText(stakesIn({ ...preferences, stakes: { [currency.code]: stakes } }, currency.code).join("  "));
    tell("Your stakes are kept");
  };
  return (
    <form
      className="flex flex-col gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        if (!problem) keep();
      }}
    >
      <Field
        label={`Stakes at a press, in ${currency.code}`}
        inputMode="decimal"
        value={text}
        onChange={(event) => setText(event.target.value)}
        problem={problem}
        hint={`Up to ${STAKES_MAX}, with blanks between them. Empty: the usual ones.`}
      />
      <Button type="submit" className="self-start" disabled={Boolean(problem)}>
        Keep these stakes
      </Button>
    </form>
  );
}

/** An amount without digits that say nothing. */
function plain(minor: bigint, currency: Currency): string {
  return amountOf(minor, currency.scale).replace(/\.0+$/, "");
}

function OneClick({ currency }: { currency: Currency }) {
  const preferences = usePreferences();
  const kept = preferences.oneClickStakes[currency.code];
  const [text, setText] = useState(kept ?? "");
  const typed = readAmount(text, currency);
  const change = (next: string) => {
    setText(next);
    const read = readAmount(next, currency);
    const { [currency.code]: _before, ...others } = preferences.oneClickStakes;
    if ("minor" in read)
      changePreferences({
        oneClickStakes: { ...others, [currency.code]: amountOf(read.minor, currency.scale) },
      });
    else if ("empty" in read)
      changePreferences({
        oneClickStakes: others,
        oneClick: preferences.oneClick && Object.keys(others).length > 0,
      });
  };
  const hasStake = Object.keys(preferences.oneClickStakes).length > 0;
  return (
    <fieldset className="flex flex-col gap-3 border-t border-line pt-4">
      <legend className="sr-only">One-click betting</legend>
      <Check
        label={
          <span className="flex items-center gap-2">
            One-click betting on the exchange {preferences.oneClick && <Badge tone="warn">On</Badge>}
          </span>
        }
        hint="A press on a price bets at once, with the stake below, in markets in a currency that has one. A bar says so while it is on."
        checked={preferences.oneClick}
        disabled={!hasStake}
        onChange={(event) => changePreferences({ oneClick: event.target.checked })}
      />
      <AmountField
        label="Stake of one-click bets"
        unit={currency.code}
        placeholder="none"
        value={text}
        onChange={(event) => change(event.target.value)}
        problem={"wrong" in typed ? typed.wrong : undefined}
      />
    </fieldset>
  );
}
