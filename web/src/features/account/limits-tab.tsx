/** Limits that one sets for oneself: how much may be paid in, and staying away for a while. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { amountOf, moneyText, readAmount } from "@/core";
import { call, http, newKey, type Schemas, useConfig, useCurrency } from "@/data";
import { AmountField, Asked, Button, Dialog, Failed, Moment, Panel, Select, tell } from "@/ui";

type Limits = Schemas["Limits"];

const PERIODS = ["day", "week", "month"] as const;

export function LimitsTab() {
  const { currencies } = useConfig();
  const [code, setCode] = useState(currencies[0]?.code ?? "USD");
  const limits = useQuery({
    queryKey: ["limits", code],
    queryFn: ({ signal }) =>
      call(http.GET("/v1/me/limits", { params: { query: { currency: code } }, signal })),
  });
  return (
    <div className="grid items-start gap-4 lg:grid-cols-2">
      <Panel
        title="Deposits"
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
        <Asked query={limits} rows={3}>
          {(found) => <DepositLimits key={code} limits={found} />}
        </Asked>
      </Panel>
      <StayAway />
    </div>
  );
}

function DepositLimits({ limits }: { limits: Limits }) {
  const currency = useCurrency(limits.currency);
  const queries = useQueryClient();
  const [typed, setTyped] = useState(() => ({
    day: limits.deposit.day ?? "",
    week: limits.deposit.week ?? "",
    month: limits.deposit.month ?? "",
  }));
  const read = PERIODS.map((period) => [period, readAmount(typed[period], currency)] as const);
  const isWrong = read.some(([, value]) => "wrong" in value);
  const save = useMutation({
    mutationFn: () =>
      call(
        http.PUT("/v1/me/limits", {
          params: { header: { "Idempotency-Key": newKey() } },
          body: {
            currency: limits.currency,
            deposit: Object.fromEntries(
              read.map(([period, value]) => [
                period,
                "minor" in value ? amountOf(value.minor, currency.scale) : null,
              ]),
            ),
          },
        }),
      ),
    onSuccess: () => {
      tell("Your limits are set", "A lower limit holds at once, a higher one in 24 hours.");
      void queries.invalidateQueries({ queryKey: ["limits"] });
    },
  });
  return (
    <form
      className="flex flex-col gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        if (!isWrong) save.mutate();
      }}
    >
      {read.map(([period, value]) => (
        <AmountField
          key={period}
          label={`At most a ${period}`}
          unit={limits.currency}
          placeholder="no limit"
          value={typed[period]}
          onChange={(event) => setTyped({ ...typed, [period]: event.target.value })}
          problem={"wrong" in value ? value.wrong : undefined}
          hint={
            limits.deposited &&
            `Paid in so far: ${moneyText(limits.deposited[period] ?? "0", { code: limits.currency })}`
          }
        />
      ))}
      {limits.raises.map((raise) => (
        <p key={raise.period} className="text-xs text-ink-soft">
          From <Moment at={raise.effective_at} />:{" "}
          {raise.limit ? moneyText(raise.limit, { code: limits.currency }) : "no limit"} a {raise.period}
        </p>
      ))}
      {save.error && <Failed error={save.error} />}
      <Button type="submit" tone="primary" busy={save.isPending} disabled={isWrong}>
        Set these limits
      </Button>
    </form>
  );
}

const DAY_MS = 86_400_000;
const AWAY: readonly (readonly [string, string])[] = [
  ["1", "a day"],
  ["7", "a week"],
  ["30", "30 days"],
  ["182", "half a year"],
  ["365", "a year"],
];

function StayAway() {
  const queries = useQueryClient();
  const [days, setDays] = useState("1");
  const [isAsking, setIsAsking] = useState(false);
  const state = useQuery({
    queryKey: ["self-exclusion"],
    queryFn: ({ signal }) => call(http.GET("/v1/me/self-exclusion", { signal })),
  });
  const leave = useMutation({
    mutationFn: () =>
      call(
        http.POST("/v1/me/self-exclusion", {
          params: { header: { "Idempotency-Key": newKey() } },
          body: { until: new Date(Date.now() + Number(days) * DAY_MS).toISOString() },
        }),
      ),
    onSuccess: () => {
      setIsAsking(false);
      void queries.invalidateQueries();
    },
  });
  return (
    <Panel title="Staying away">
      <Asked query={state} rows={3}>
        {(found) =>
          found.until ? (
            <p className="text-sm">
              You stay away until <Moment at={found.until} />.
            </p>
          ) : (
            <div className="flex flex-col items-start gap-3">
              <p className="text-sm text-ink-soft">
                For that long you can neither bet, pay nor withdraw, and nobody can shorten it. You can log in
                to see what you have, and withdrawals that are under way are finished. Afterwards an operator
                lets you go on when you ask.
              </p>
              <Select
                label="For"
                value={days}
                onChange={(event) => setDays(event.target.value)}
                options={AWAY}
              />
              <Button tone="danger" onClick={() => setIsAsking(true)}>
                Stay away
              </Button>
            </div>
          )
        }
      </Asked>
      <Dialog
        open={isAsking}
        onClose={() => setIsAsking(false)}
        title={`Stay away for ${AWAY.find(([key]) => key === days)?.[1]}?`}
        note="It cannot be taken back. Your waiting orders and offers end, and you are logged out."
      >
        {leave.error && <Failed error={leave.error} />}
        <div className="flex justify-end gap-2">
          <Button onClick={() => setIsAsking(false)}>No</Button>
          <Button tone="danger" busy={leave.isPending} onClick={() => leave.mutate()}>
            Yes, stay away
          </Button>
        </div>
      </Dialog>
    </Panel>
  );
}
