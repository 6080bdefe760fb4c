import type { Schemas } from "@/data";

type Challenge = Schemas["Challenge"];

/** How a challenge stands, in a word. */
export function statusOf(challenge: Challenge): readonly [string, "neutral" | "good" | "bad" | "warn"] {
  switch (challenge.status) {
    case "offered":
      return ["Open", "good"];
    case "accepted":
      return ["Taken", "neutral"];
    case "resolved":
      return ["Decided, can be disputed", "warn"];
    case "disputed":
      return ["Disputed", "bad"];
    case "settled":
      return ["Settled", "neutral"];
    case "cancelled":
      return ["Cancelled", "neutral"];
    case "expired":
      return ["Expired", "neutral"];
  }
}
