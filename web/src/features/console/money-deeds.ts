/** What operators do with money: pay in, pay out, take back. */
import { moneyText } from "@/core";
import { call, http, type Schemas } from "@/data";
import { type Asked, type Deed, given } from "./deed";

type Codes = readonly (readonly [string, string])[];
type Queued = Schemas["QueuedWithdrawal"];

const keyed = (key: string) => ({ "Idempotency-Key": key });

export function reversal(id: string): Deed {
  return {
    what: "reverse_transaction",
    id,
    title: `Reverse ${id}`,
    verb: "Reverse it",
    note: "It is taken back in full, once. What its receiver no longer has is lent by the house, and owed.",
    asks: [{ name: "reason", label: "Why it is taken back", hint: "It stands in the journal." }],
    done: "Reversed",
    act: (key, body) =>
      call(
        http.POST("/v1/transactions/{id}/reverse", {
          params: { path: { id }, header: keyed(key) },
          body: body as Schemas["ReversalBody"],
        }),
      ),
  };
}

const amountAsks = (codes: Codes): readonly Asked[] => [
  { name: "amount", label: "Amount", kind: "money" },
  { name: "currency", label: "Currency", kind: "choice", options: codes, initial: codes[0]?.[0] ?? "" },
];

export function depositFor(user: string, name: string, codes: Codes): Deed {
  const asks: readonly Asked[] = [
    ...amountAsks(codes),
    { name: "reference", label: "Reference", hint: "Such as a bank’s own.", optional: true },
  ];
  return {
    what: "deposit",
    title: `Pay in for ${name}`,
    verb: "Book the deposit",
    note: "Money that arrived by hand is booked to their cash.",
    asks,
    body: (values) => ({ ...given(values, asks), user_id: user }),
    isHarmless: true,
    done: "Booked",
    act: (key, body) =>
      call(
        http.POST("/v1/deposits", { params: { header: keyed(key) }, body: body as Schemas["DepositBody"] }),
      ),
  };
}

export function payment(row: Queued): Deed {
  const sum = moneyText(row.amount, { code: row.currency });
  if (row.rail)
    return {
      what: "approve_withdrawal",
      id: row.id,
      title: `Approve ${sum} for ${row.username}`,
      verb: "Approve it",
      note: `It is then sent to ${row.destination ?? "its address"} by the rail ${row.rail}. What was sent cannot be called back.`,
      done: "Approved",
      act: (key) =>
        call(
          http.POST("/v1/withdrawals/{id}/approve", { params: { path: { id: row.id }, header: keyed(key) } }),
        ),
    };
  return {
    what: "complete_withdrawal",
    id: row.id,
    title: `${sum} for ${row.username} was paid`,
    verb: "It was paid",
    note: `Say so once the money has left your bank for ${row.destination ?? "them"}: it is then booked out.`,
    done: "Booked out",
    act: (key) =>
      call(
        http.POST("/v1/withdrawals/{id}/complete", { params: { path: { id: row.id }, header: keyed(key) } }),
      ),
  };
}

export function rejection(row: Queued): Deed {
  return {
    title: `Reject ${moneyText(row.amount, { code: row.currency })} for ${row.username}`,
    verb: "Reject it",
    note: `The payment will not be made: ${moneyText(row.amount, { code: row.currency })} return to their cash. The house’s money stays as it is.`,
    done: "Rejected",
    act: (key) =>
      call(
        http.POST("/v1/withdrawals/{id}/reject", { params: { path: { id: row.id }, header: keyed(key) } }),
      ),
  };
}

/** The owner pays into the house's bank, or takes out of it. */
export function houseMove(direction: "deposits" | "withdrawals", codes: Codes): Deed {
  const isIn = direction === "deposits";
  return {
    title: isIn ? "Pay into the bank" : "Take out of the bank",
    verb: isIn ? "Book it in" : "Book it out",
    note: isIn
      ? "The owner’s money becomes the house’s own, from which it pays bets."
      : "The house has less of its own then. What is reserved for open bets cannot be taken.",
    asks: [...amountAsks(codes), { name: "reference", label: "Reference", optional: true }],
    isHarmless: isIn,
    done: "Booked",
    act: (key, body) =>
      call(
        http.POST(`/v1/house/${direction}`, {
          params: { header: keyed(key) },
          body: body as Schemas["HouseBody"],
        }),
      ),
  };
}

/** What the sportsbook takes and risks in a currency, from now on. */
export function bookLimits(limits: Schemas["BookLimits"]): Deed {
  const asks: readonly Asked[] = [
    { name: "min_stake", label: "Smallest stake", kind: "money", initial: limits.min_stake },
    {
      name: "max_stake",
      label: "Largest stake",
      kind: "money",
      initial: limits.max_stake ?? "",
      optional: true,
    },
    {
      name: "max_payout",
      label: "Largest payout",
      kind: "money",
      initial: limits.max_payout ?? "",
      optional: true,
    },
    {
      name: "max_event_liability",
      label: "May lose on one event",
      kind: "money",
      initial: limits.max_event_liability ?? "",
      optional: true,
    },
    {
      name: "cash_out_margin_bps",
      label: "Margin on cash-outs",
      kind: "percent",
      initial: String(limits.cash_out_margin_bps / 100),
    },
  ];
  return {
    title: `Limits of the sportsbook in ${limits.currency}`,
    verb: "Set them",
    note: "They hold for bets from now on. What is left empty has no limit.",
    asks,
    body: (values) => ({ currency: limits.currency, ...given(values, asks) }),
    isHarmless: true,
    done: "Set",
    act: (key, body) =>
      call(http.PUT("/v1/sportsbook/limits", { params: { header: keyed(key) }, body: body as never })),
  };
}
