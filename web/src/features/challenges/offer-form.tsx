/** Offer somebody a bet: what is claimed, at which odds, for how much, and who decides. */
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import {
  amountOf,
  challengeOf,
  ladderNamed,
  oddsText,
  readAmount,
  readOdds,
  type Side,
  showOdds,
} from "@/core";
import { call, http, useCommand, useConfig, useCurrency, useOnward } from "@/data";
import { AmountField, Button, Check, Facts, Failed, Field, Money, Panel, Select, useOddsFormat } from "@/ui";
import { type Decider, DeciderFields, decidedBy } from "./decider";

const HOUR_MS = 3_600_000;
const LASTS: readonly (readonly [string, string])[] = [
  ["1", "an hour"],
  ["24", "a day"],
  ["72", "three days"],
  ["168", "a week"],
];

/** `market` and `runner`: what is to decide it, if somebody came from there. */
export function OfferForm({ market, runner }: { market?: string | undefined; runner?: string | undefined }) {
  const { currencies, challenge_fee_bps: feeBps } = useConfig();
  const onward = useOnward();
  const queries = useQueryClient();
  const format = useOddsFormat();
  const [title, setTitle] = useState("");
  const [side, setSide] = useState<Side>("back");
  const [odds, setOdds] = useState(() => showOdds(200, format));
  const [stake, setStake] = useState("");
  const [code, setCode] = useState(currencies[0]?.code ?? "USD");
  const [decider, setDecider] = useState<Decider>(() => ({
    by: market ? "market" : "person",
    resolver: "",
    market: market ?? "",
    runner: runner ?? "",
  }));
  const [hours, setHours] = useState("24");
  const [isPublic, setIsPublic] = useState(true);
  const currency = useCurrency(code);
  const typed = readAmount(stake, currency);
  const price = readOdds(odds, format, ladderNamed("finest"));
  const outcome =
    "minor" in typed && price !== undefined ? challengeOf(side, price, typed.minor, feeBps) : undefined;

  const offer = useCommand({
    send: (wanted: { odds: string; stake: string }, key) =>
      call(
        http.POST("/v1/challenges", {
          params: { header: { "Idempotency-Key": key } },
          body: {
            title,
            side,
            ...wanted,
            currency: code,
            public: isPublic,
            expires_at: new Date(Date.now() + Number(hours) * HOUR_MS).toISOString(),
            ...decidedBy(decider),
          },
        }),
      ),
    done: () => queries.invalidateQueries({ queryKey: ["challenges"] }),
  });
  const { problem } = offer;
  const isOfResolver = problem?.code === "resolver_unknown";
  const wrong = (field: string) =>
    problem?.fields[field] ?? (isOfResolver && field === "resolver" ? problem.message : undefined);

  return (
    <Panel className="max-w-lg">
      <form
        className="flex flex-col gap-3"
        onChange={offer.change}
        onSubmit={(event) => {
          event.preventDefault();
          if ("minor" in typed && price !== undefined)
            offer.send(
              { odds: oddsText(price), stake: amountOf(typed.minor, currency.scale) },
              { onSuccess: onward(({ token }) => ({ to: "/c/$token", params: { token } })) },
            );
        }}
      >
        <Field
          label="What will happen"
          placeholder="It rains in Bergen on Sunday"
          value={title}
          onChange={(event) => setTitle(event.target.value)}
          problem={wrong("title")}
          required
          maxLength={200}
        />
        <div className="grid grid-cols-2 gap-3">
          <Select
            label="You say"
            value={side}
            onChange={(event) => setSide(event.target.value as Side)}
            options={[
              ["back", "it does"],
              ["lay", "it does not"],
            ]}
          />
          <Field
            label="Odds of it"
            inputMode="decimal"
            value={odds}
            onChange={(event) => setOdds(event.target.value)}
            problem={price === undefined ? "These are no odds." : wrong("odds")}
            required
          />
          <AmountField
            label="Stake of who backs it"
            unit={code}
            value={stake}
            onChange={(event) => setStake(event.target.value)}
            problem={"wrong" in typed ? typed.wrong : wrong("stake")}
            required
          />
          <Select
            label="Currency"
            value={code}
            onChange={(event) => setCode(event.target.value)}
            options={currencies.map((each) => [each.code, each.code] as const)}
          />
          <Select
            label="Open for"
            value={hours}
            onChange={(event) => setHours(event.target.value)}
            options={LASTS}
          />
        </div>
        <DeciderFields
          decider={decider}
          change={(changes) => {
            offer.change();
            setDecider((before) => ({ ...before, ...changes }));
          }}
          wrong={wrong}
        />
        <Check
          label="Show it to everybody"
          hint="Else only who has the link sees it."
          checked={isPublic}
          onChange={(event) => setIsPublic(event.target.checked)}
        />
        {outcome && (
          <Facts
            items={[
              [
                "You risk",
                <Money key="l" amount={amountOf(outcome.riskMinor, currency.scale)} code={code} />,
              ],
              ["The house takes", `${feeBps / 100} % of what is won`],
              [
                "You win, the fee taken off",
                <Money key="w" amount={amountOf(outcome.winMinor, currency.scale)} code={code} tone />,
              ],
            ]}
          />
        )}
        {problem && !isOfResolver && Object.keys(problem.fields).length === 0 && <Failed error={problem} />}
        <Button
          type="submit"
          tone="primary"
          size="large"
          busy={offer.isPending}
          disabled={!title || !outcome || !decidedBy(decider)}
        >
          Offer it
        </Button>
      </form>
    </Panel>
  );
}
