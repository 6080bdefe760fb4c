/** What operators do to a customer. */
import { call, http, type Schemas } from "@/data";
import { type Asked, type Deed, given } from "./deed";

type User = Schemas["User"];

const keyed = (id: string, key: string) => ({ path: { id }, header: { "Idempotency-Key": key } });

export function freezing(user: User): Deed {
  const isFrozen = user.status === "frozen";
  const step = isFrozen ? "unfreeze" : "freeze";
  return {
    title: `${isFrozen ? "Unfreeze" : "Freeze"} ${user.username}`,
    verb: isFrozen ? "Unfreeze" : "Freeze",
    note: isFrozen
      ? "They can bet, pay and withdraw again."
      : "They can neither bet, pay nor withdraw; their open orders and offers end. Bets that are matched stay.",
    isHarmless: isFrozen,
    act: (key) => call(http.POST(`/v1/users/{id}/${step}`, { params: keyed(user.id, key) })),
  };
}

export function tagging({ id, username }: User, tags: readonly string[]): Deed {
  return {
    title: `Tags of ${username}`,
    verb: "Set them",
    note: "Of payment sources, of households: whatever shows that customers belong together.",
    asks: [
      {
        name: "tags",
        label: "Tags, with commas",
        initial: tags.join(", "),
        hint: "Small letters, digits and . _ : / @ + * -",
        optional: true,
      },
    ],
    body: (values) => ({
      tags: (values["tags"] ?? "")
        .split(",")
        .map((tag) => tag.trim())
        .filter(Boolean),
    }),
    isHarmless: true,
    done: "Set",
    act: (key, body) =>
      call(http.POST("/v1/users/{id}/tags", { params: keyed(id, key), body: body as Schemas["TagsBody"] })),
  };
}

export function excluding({ id, username }: User): Deed {
  const asks: readonly Asked[] = [{ name: "until", label: "Until (your time)", kind: "moment" }];
  return {
    title: `Exclude ${username}`,
    verb: "Exclude them",
    note: "Until then they can neither bet, pay nor withdraw. It can be made longer, never shorter; afterwards you unfreeze them when they ask.",
    asks,
    body: (values) => given(values, asks),
    done: "Excluded",
    act: (key, body) =>
      call(
        http.POST("/v1/users/{id}/self-exclusion", {
          params: keyed(id, key),
          body: body as Schemas["ExclusionBody"],
        }),
      ),
  };
}

export function stakeFactor({ id, username }: User, percent: number): Deed {
  return {
    title: `How much ${username} may stake`,
    verb: "Set it",
    note: "On the sportsbook, as a part of the largest stake. It holds for bets from now on.",
    asks: [{ name: "percent", label: "Part", kind: "number", unit: "%", initial: String(percent) }],
    isHarmless: true,
    done: "Set",
    act: (key, body) =>
      call(
        http.PUT("/v1/users/{id}/stake-factor", {
          params: keyed(id, key),
          body: body as unknown as Schemas["StakeFactorBody"],
        }),
      ),
  };
}

export function discount({ id, username }: User, bps: number): Deed {
  return {
    title: `Commission discount of ${username}`,
    verb: "Set it",
    note: "Taken off the commission of markets that are settled from now on.",
    asks: [{ name: "discount_bps", label: "Discount", kind: "percent", initial: String(bps / 100) }],
    isHarmless: true,
    done: "Set",
    act: (key, body) =>
      call(
        http.PUT("/v1/users/{id}/commission-discount", {
          params: keyed(id, key),
          body: body as unknown as Schemas["CommissionDiscountBody"],
        }),
      ),
  };
}

export function depositLimits({ id, username }: User, codes: readonly (readonly [string, string])[]): Deed {
  const asks: readonly Asked[] = [
    { name: "currency", label: "Currency", kind: "choice", options: codes, initial: codes[0]?.[0] ?? "" },
    { name: "day", label: "In a day", kind: "money", optional: true },
    { name: "week", label: "In a week", kind: "money", optional: true },
    { name: "month", label: "In a month", kind: "money", optional: true },
  ];
  return {
    title: `Deposit limits of ${username}`,
    verb: "Set them",
    note: "What is lower holds at once. What is left out has no limit.",
    asks,
    body: (values) => {
      const { currency, ...deposit } = given(values, asks);
      return { currency, deposit };
    },
    done: "Set",
    act: (key, body) =>
      call(http.PUT("/v1/users/{id}/limits", { params: keyed(id, key), body: body as never })),
  };
}

export function factorRemoval({ id, username }: User): Deed {
  return {
    title: `Take the second factor of ${username} away`,
    verb: "Take it away",
    note: "For somebody who has lost it: be sure of who asks. They then log in with the password alone.",
    done: "Taken away",
    act: () => call(http.DELETE("/v1/users/{id}/totp", { params: { path: { id } } })),
  };
}

export function ruling(challenge: Schemas["Challenge"]): Deed {
  return {
    what: "rule_challenge",
    id: challenge.token,
    title: `Rule on ${challenge.title}`,
    verb: "Rule",
    note: "Your word is the last one: it is paid out at once.",
    asks: [
      {
        name: "outcome",
        label: "How it ended",
        kind: "choice",
        options: [
          ["won", "Won: who backed it wins"],
          ["lost", "Lost: who laid it wins"],
          ["void", "Void: both have their stakes back"],
        ],
        initial: challenge.resolver_outcome ?? "won",
      },
    ],
    done: "Ruled",
    act: (key, body) =>
      call(
        http.POST("/v1/challenges/{token}/rule", {
          params: { path: { token: challenge.token }, header: { "Idempotency-Key": key } },
          body: body as Schemas["RuleBody"],
        }),
      ),
  };
}
