/** Reading what a proof is made of: whatever is missing, or of another kind, is no proof. */
import type { Exact } from "./exact-json";

export type Fields = { readonly [key: string]: Exact };

export interface ProofCheck {
  readonly holds: boolean;
  readonly text: string;
}

export function fields(value: Exact | undefined): Fields {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Fields;
  throw new Error("something is missing");
}

export function list(value: Exact | undefined): readonly Exact[] {
  if (Array.isArray(value)) return value;
  throw new Error("a list is missing");
}

export function text(value: Exact | undefined): string {
  if (typeof value === "string") return value;
  throw new Error("a text is missing");
}

/** Return a moment in nanoseconds since 1970. Throws for what is none. */
export function moment(value: Exact | undefined): bigint {
  const match =
    typeof value === "string" ? /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z$/.exec(value) : null;
  const at = match ? Date.parse(`${match[1] ?? ""}Z`) : Number.NaN;
  if (Number.isNaN(at)) throw new Error(`${String(value)} is no moment`);
  return BigInt(at) * 1_000_000n + BigInt((match?.[2] ?? "").padEnd(9, "0"));
}
