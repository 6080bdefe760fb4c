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
