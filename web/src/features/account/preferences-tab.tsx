/** How one likes it. Odds are shown so; what is sent stays in decimals. */
import { useState } from "react";
import { ladderNamed, ODDS_FORMATS, type OddsFormat, showOdds } from "@/core";
import { changePreferences, type Preferences, usePreferences } from "@/data";
import { Button, Check, Field, Panel, Select } from "@/ui";

const NAMES: Readonly<Record<OddsFormat, string>> = {
  decimal: "Decimal",
  fractional: "Fractional",
  american: "American",
  percent: "Chance in percent",
};
const EXAMPLE = ladderNamed("classic").nearest(250);

export function PreferencesTab() {
  const preferences = usePreferences();
  return (
    <Panel className="max-w-lg">
      <div className="flex flex-col gap-4">
        <Select
          label="Odds"
          value={preferences.odds}
          onChange={(event) => changePreferences({ odds: event.target.value as OddsFormat })}
          options={ODDS_FORMATS.map((each) => [each, `${NAMES[each]} (${showOdds(EXAMPLE, each)})`] as const)}
        />
        <Select
          label="Theme"
          value={preferences.theme}
          onChange={(event) => changePreferences({ theme: event.target.value as Preferences["theme"] })}
          options={[
            ["system", "As the system has it"],
            ["light", "Light"],
            ["dark", "Dark"],
          ]}
        />
        <Stakes />
        <Check
          label="One-click betting on the exchange"
          hint="A press on a price places the order at once, with the stake below. Off unless you turn it on; a bar says so while it is on."
          checked={preferences.oneClick}
          onChange={(event) => changePreferences({ oneClick: event.target.checked })}
        />
        <Field
          label="Stake of one-click bets"
          inputMode="decimal"
          value={preferences.oneClickStake}
          onChange={(event) => changePreferences({ oneClickStake: event.target.value })}
          disabled={!preferences.oneClick}
        />
      </div>
    </Panel>
  );
}

function Stakes() {
  const { stakes } = usePreferences();
  const [text, setText] = useState(stakes.join("  "));
  const read = text.split(/\s+/).filter((each) => /^[0-9]+([.,][0-9]+)?$/.test(each));
  return (
    <form
      className="flex items-end gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        changePreferences({ stakes: read.slice(0, 6) });
      }}
    >
      <Field
        label="Stakes at a press"
        className="flex-1"
        value={text}
        onChange={(event) => setText(event.target.value)}
        hint="Up to six, with blanks between them."
      />
      <Button type="submit" disabled={read.length === 0}>
        Keep
      </Button>
    </form>
  );
}
