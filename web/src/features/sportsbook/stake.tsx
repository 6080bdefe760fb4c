/** A stake on what is picked: what it returns, what happens when odds have moved meanwhile, and the bet. */
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import {
  accepts,
  amountOf,
  type Currency,
  combinedOddsText,
  moneyText,
  oddsOf,
  oddsText,
  readAmount,
  returnOf,
  stakesIn,
} from "@/core";
import { call, http, useBalance, useCommand, useMe, usePreferences } from "@/data";
import {
  AmountField,
  Banner,
  Button,
  Facts,
  Failed,
  LogInLink,
  Money,
  Odds,
  StakeButtons,
  tell,
  useOddsFormat,
} from "@/ui";
import { type Accept, agree, drop, nameOf, type Picked } from "./slip-store";

/** `now` is the odds of each as the stream has them; `undefined` if one of them cannot be bet on, and `why` then says it. */
export function Stake({
  picked,
  now,
  why = "Not open now",
  accept,
  currency,
}: {
  picked: readonly Picked[];
  now: readonly number[] | undefined;
  why?: string | undefined;
  accept: Accept;
  currency: Currency;
}) {
  const me = useMe();
  const preferences = usePreferences();
  const format = useOddsFormat();
  const balance = useBalance(currency.code);
  const queries = useQueryClient();
  const [text, setText] = useState("");
  const typed = readAmount(text, currency);
  const stakeMinor = "minor" in typed ? typed.minor : undefined;
  const isAgreed =
    now?.every((odds, place) =>
      accepts(accept === "none" ? "exact" : accept, picked[place]?.seen ?? 0, odds),
    ) ?? false;

  const place = useCommand({
    send: (amount: string, key) =>
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
    done: (bet) => {
      tell(
        `Bet placed: ${moneyText(bet.amount, { code: bet.currency })} at ${combinedOddsText(
          bet.legs.map((leg) => oddsOf(leg.odds)),
          format,
        )}`,
        `It returns ${moneyText(bet.potential_payout)} if it wins.`,
      );
      for (const each of picked) drop(each);
      void queries.invalidateQueries({ queryKey: ["bets"] });
    },
  });
  const { problem } = place;
  // The house has just refused these odds and named those that are good: the stream may be behind it, or ahead.
  const refused =
    problem?.code === "odds_changed" ? problem.more.legs?.map((leg) => oddsOf(leg.odds)) : undefined;
  const asked = now && (refused ?? (isAgreed ? undefined : now));
  const shown = asked ?? now;

  const change = (next: string) => {
    setText(next);
    place.change();
  };
  const agreeTo = (odds: readonly number[]) => {
    agree(new Map(picked.map((each, place) => [nameOf(each), odds[place] ?? each.seen])));
    place.change();
  };

  return (
    <form
      className="flex flex-col gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        if (me?.id && stakeMinor !== undefined && !place.isPending)
          place.send(amountOf(stakeMinor, currency.scale));
      }}
    >
      <AmountField
        label="Stake"
        unit={currency.code}
        value={text}
        onChange={(event) => change(event.target.value)}
        problem={"wrong" in typed ? typed.wrong : problem?.fields["amount"]}
        hint={balance && `You have ${moneyText(balance.cash, { code: currency.code })}.`}
      />
      <div className="flex flex-wrap gap-1.5">
        <StakeButtons stakes={stakesIn(preferences, currency.code)} code={currency.code} pick={change} />
        {problem?.code === "stake_limited" && problem.more.maximum && (
          <Button size="small" onClick={() => change(problem.more.maximum ?? "")}>
            Most: {problem.more.maximum}
          </Button>
        )}
      </div>
      {shown && (
        <Facts
          items={[
            ["Odds", <span key="o">{combinedOddsText(shown, format)}</span>],
            ...(stakeMinor === undefined
              ? []
              : ([
                  [
                    "Returns if it wins",
                    <Money
                      key="r"
                      amount={amountOf(returnOf(stakeMinor, shown), currency.scale)}
                      code={currency.code}
                    />,
                  ],
                ] as const)),
          ]}
        />
      )}
      {problem && problem.code !== "odds_changed" && !problem.fields["amount"] && <Failed error={problem} />}
      {asked ? (
        <Moved picked={picked} odds={asked} agree={() => agreeTo(asked)} />
      ) : me === null ? (
        <LogInLink>Log in to bet</LogInLink>
      ) : (
        <Button
          type="submit"
          tone="primary"
          size="large"
          busy={place.isPending}
          disabled={!me?.id || !now || stakeMinor === undefined}
        >
          {now ? "Place the bet" : why}
        </Button>
      )}
    </form>
  );
}

/** That odds are not what was agreed to: from which to which, and the way to agree to those. */
function Moved({
  picked,
  odds,
  agree,
}: {
  picked: readonly Picked[];
  odds: readonly number[];
  agree: () => void;
}) {
  const moved = picked.flatMap((each, place) => {
    const next = odds[place];
    return next === undefined || next === each.seen ? [] : [{ each, next }];
  });
  return (
    <>
      <Banner tone="warn" role="alert">
        <p className="w-full text-center">The odds have moved.</p>
        <ul className="w-full">
          {moved.map(({ each, next }) => (
            <li key={nameOf(each)} className="flex justify-between gap-3">
              <span className="min-w-0 break-words">{each.selectionName}</span>
              <span className="whitespace-nowrap">
                <Odds odds={each.seen} /> → <Odds odds={next} className="font-semibold" />
              </span>
            </li>
          ))}
        </ul>
      </Banner>
      <Button tone="primary" onClick={agree}>
        Agree to these odds
      </Button>
    </>
  );
}
