/** What operators do to pools and their rounds. */
import { call, http, type Schemas } from "@/data";
import { type Asked, type Deed, given } from "./deed";

type Round = Schemas["Round"];

const keyed = ({ pool, code }: Round, key: string) => ({
  path: { pool, code },
  header: { "Idempotency-Key": key },
});
const idOf = ({ pool, code }: Round) => `${pool}/${code}`;
const PRICE: Asked = {
  name: "price",
  label: "Closing price",
  hint: "For the evidence; the next round is compared with it.",
  optional: true,
};

export function lock(round: Round): Deed {
  return {
    title: `Lock round ${idOf(round)}`,
    verb: "Lock it",
    note: "It takes no more bets. Where rounds go by the clock, none is locked before its time, and each locks by itself.",
    done: "Locked",
    act: (key) => call(http.POST("/v1/pools/{pool}/rounds/{code}/lock", { params: keyed(round, key) })),
  };
}

export function roundResult(round: Round): Deed {
  const asks: readonly Asked[] = [
    {
      name: "result",
      label: "Result",
      kind: "choice",
      options: [
        ["up", "Up"],
        ["down", "Down"],
        ["auto", "Ask the sources now"],
      ],
      initial: "up",
    },
    PRICE,
    {
      name: "against_sources",
      label: "Why, if the sources decided otherwise",
      hint: "It stands in the public proof.",
      optional: true,
    },
  ];
  return {
    what: "settle_round",
    id: idOf(round),
    title: `Settle round ${idOf(round)}`,
    verb: "Settle it",
    note: "The losing side’s stakes, less the fee, go to the winning side.",
    asks,
    done: "Settled",
    act: (key, body) =>
      call(
        http.POST("/v1/pools/{pool}/rounds/{code}/settle", {
          params: keyed(round, key),
          body: body as unknown as Schemas["SettleRoundBody"],
        }),
      ),
  };
}

export function roundVoid(round: Round): Deed {
  return {
    what: "void_round",
    id: idOf(round),
    title: `Void round ${idOf(round)}`,
    verb: "Void it",
    note: "Everybody has back what they staked.",
    asks: [{ name: "reason", label: "Why it is void", hint: "It is shown to everybody who bet." }],
    done: "Void",
    act: (key, body) =>
      call(
        http.POST("/v1/pools/{pool}/rounds/{code}/void", {
          params: keyed(round, key),
          body: body as Schemas["VoidRoundBody"],
        }),
      ),
  };
}

export function roundCorrection(round: Round): Deed {
  return {
    what: "correct_round",
    id: idOf(round),
    title: `Correct round ${idOf(round)}`,
    verb: "Correct it",
    note: `It ended ${round.result ?? round.status}. That is taken back, and this is booked; what was spent is lent, and owed.`,
    asks: [
      {
        name: "result",
        label: "Result",
        kind: "choice",
        options: [
          ["up", "Up"],
          ["down", "Down"],
          ["void", "Void"],
        ],
        initial: round.result === "up" ? "down" : "up",
      },
      PRICE,
      { name: "reason", label: "Why the result before was wrong", hint: "It stands in the public proof." },
    ],
    done: "Corrected",
    act: (key, body) =>
      call(
        http.POST("/v1/pools/{pool}/rounds/{code}/correct", {
          params: keyed(round, key),
          body: body as unknown as Schemas["CorrectRoundBody"],
        }),
      ),
  };
}

export function newRound(pools: readonly string[], chosen?: string): Deed {
  const asks: readonly Asked[] = [
    {
      name: "pool",
      label: "Pool",
      kind: "choice",
      options: pools.map((key) => [key, key] as const),
      initial: chosen ?? pools[0] ?? "",
    },
    { name: "code", label: "Code", hint: "Left out: the next one of the pool’s calendar.", optional: true },
    { name: "locks_at", label: "Locks (your time)", kind: "moment", optional: true },
    { name: "settles_at", label: "Result from (your time)", kind: "moment", optional: true },
  ];
  return {
    title: "A new round",
    verb: "Open it",
    note: "It takes bets at once. A code of your own goes with both times.",
    asks,
    body: (values) => {
      const { pool: _pool, ...rest } = given(values, asks);
      // The pool is no field of the request, but what is chosen has to reach the deed.
      return { ...rest, ...(values["pool"] ? { pool: values["pool"] } : {}) };
    },
    isHarmless: true,
    done: "The round is open",
    act: (key, { pool, ...body }) =>
      call(
        http.POST("/v1/pools/{pool}/rounds", {
          params: { path: { pool: String(pool) }, header: { "Idempotency-Key": key } },
          body: body as Schemas["OpenRoundBody"],
        }),
      ),
  };
}

export function newPool(codes: readonly (readonly [string, string])[]): Deed {
  const asks: readonly Asked[] = [
    { name: "key", label: "Key", hint: "Small letters, digits and dashes: ndx-daily" },
    { name: "name", label: "Name" },
    { name: "symbol", label: "Symbol" },
    { name: "currency", label: "Currency", kind: "choice", options: codes, initial: codes[0]?.[0] ?? "" },
    { name: "calendar", label: "Calendar", hint: "XNAS and the like, or every:60.", initial: "XNAS" },
    { name: "fee_bps", label: "Fee", kind: "percent", initial: "1" },
    { name: "min_stake", label: "Smallest stake", kind: "money", optional: true },
    { name: "max_stake", label: "Largest stake", kind: "money", optional: true },
    {
      name: "sources",
      label: "Where prices come from",
      kind: "choice",
      options: [
        ["manual", "An operator says them"],
        ["simulated", "Simulated"],
      ],
      initial: "manual",
      hint: "Sources over the network are given through the API.",
    },
  ];
  return {
    title: "A new pool",
    verb: "Make it",
    note: "A pool has rounds by its calendar; rounds are opened by themselves.",
    asks,
    body: (values) => {
      const { sources, ...rest } = given(values, asks);
      const source = {
        name: String(sources),
        kind: sources,
        ...(sources === "simulated" ? { seed: 1 } : {}),
      };
      return { ...rest, sources: [source] };
    },
    isHarmless: true,
    done: "The pool is there",
    act: (key, body) =>
      call(
        http.POST("/v1/pools", {
          params: { header: { "Idempotency-Key": key } },
          body: body as unknown as Schemas["PoolBody"],
        }),
      ),
  };
}
