/** A stake on up or down, with what it would pay if nobody else staked after it. */
import { useQueryClient } from "@tanstack/react-query";
import { ArrowDown, ArrowUp } from "lucide-react";
import { useState } from "react";
import { amountOf, minorOf, moneyText, type PoolSide, readAmount, stakesIn, willPay } from "@/core";
import {
  call,
  http,
  type Pool,
  type Round,
  useBalance,
  useCommand,
  useCurrency,
  useMe,
  usePreferences,
} from "@/data";
import { AmountField, Button, Facts, Failed, LogInLink, Money, StakeButtons, tell } from "@/ui";
import { sidesOf } from "./rounds";

export function PoolBetForm({ pool, round }: { pool: Pool; round: Round }) {
  const me = useMe();
  const currency = useCurrency(round.currency);
  const balance = useBalance(round.currency);
  const preferences = usePreferences();
  const queries = useQueryClient();
  const [side, setSide] = useState<PoolSide>("up");
  const [text, setText] = useState("");
  const typed = readAmount(text, currency);
  const stakeMinor = "minor" in typed ? typed.minor : undefined;
  const least = minorOf(pool.min_stake, currency.scale);
  const tooLittle =
    stakeMinor !== undefined && stakeMinor < least
      ? `At least ${moneyText(pool.min_stake, { code: currency.code })}.`
      : undefined;
  const place = useCommand({
    send: (amount: string, key) =>
      call(
        http.POST("/v1/pools/{pool}/bets", {
          params: { path: { pool: pool.key }, header: { "Idempotency-Key": key } },
          body: { side, amount, currency: currency.code, round: round.code },
        }),
      ),
    done: (bet) => {
      tell(`${moneyText(bet.amount, { code: bet.currency })} on ${bet.side}`);
      setText("");
      void queries.invalidateQueries({ queryKey: ["pool-bets"] });
    },
  });
  const change = (next: { side?: PoolSide; text?: string }) => {
    if (next.side) setSide(next.side);
    if (next.text !== undefined) setText(next.text);
    place.change();
  };
  return (
    <form
      className="flex flex-col gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        if (me?.id && stakeMinor !== undefined && !place.isPending)
          place.send(amountOf(stakeMinor, currency.scale));
      }}
    >
      <fieldset className="grid grid-cols-2 gap-2">
        <legend className="sr-only">Side</legend>
        {(["up", "down"] as const).map((each) => (
          <Button
            key={each}
            size="large"
            tone={side === each ? "primary" : "plain"}
            aria-pressed={side === each}
            onClick={() => change({ side: each })}
            icon={each === "up" ? <ArrowUp size={18} /> : <ArrowDown size={18} />}
          >
            {each === "up" ? "Up" : "Down"}
          </Button>
        ))}
      </fieldset>
      <AmountField
        label="Stake"
        unit={currency.code}
        value={text}
        onChange={(event) => change({ text: event.target.value })}
        problem={"wrong" in typed ? typed.wrong : tooLittle}
        hint={balance && `You have ${moneyText(balance.cash, { code: currency.code })}.`}
      />
      <StakeButtons
        stakes={stakesIn(preferences, currency.code)}
        code={currency.code}
        pick={(stake) => change({ text: stake })}
      />
      {stakeMinor !== undefined && (
        <Facts
          items={[
            [
              `If it closes ${side}`,
              <Money
                key="w"
                amount={amountOf(
                  willPay(sidesOf(round, currency.scale), side, stakeMinor, round.fee_bps),
                  currency.scale,
                )}
                code={currency.code}
                className="font-semibold"
              />,
            ],
            ["Fee on what the others lost", `${round.fee_bps / 100} %`],
          ]}
        />
      )}
      <p className="text-2xs text-ink-faint">
        What it pays changes with every further stake, until the round locks.
      </p>
      {place.error && <Failed error={place.error} />}
      {me === null ? (
        <LogInLink>Log in to bet</LogInLink>
      ) : (
        <Button
          type="submit"
          tone="primary"
          size="large"
          busy={place.isPending}
          disabled={!me?.id || stakeMinor === undefined || Boolean(tooLittle)}
        >
          {`Stake on ${side}`}
        </Button>
      )}
    </form>
  );
}
