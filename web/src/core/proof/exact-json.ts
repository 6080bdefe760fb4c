/**
 * JSON whose whole numbers stay exact: nanoseconds and large stakes have more digits than a JavaScript number holds.
 *
 * Whole numbers that a number cannot hold become `bigint`s. The parser tells what stood in the text; where a browser's does
 * not yet, long numbers are put between quotes before they are read.
 */
export type Exact =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly Exact[]
  | { readonly [key: string]: Exact };

interface Context {
  readonly source?: string;
}

const WHOLE = /^-?[0-9]+$/;

export function parseExact(text: string): Exact {
  const tellsSource = JSON.parse("1", (_key, _value, context?: Context) => context?.source) === "1";
  if (tellsSource) {
    return JSON.parse(text, (_key, value: unknown, context?: Context) =>
      typeof value === "number" && !Number.isSafeInteger(value) && WHOLE.test(context?.source ?? "")
        ? BigInt(context?.source ?? "0")
        : value,
    ) as Exact;
  }
  // Outside of texts, a whole number of 16 digits or more is marked; texts are passed over as they are.
  const marked = text.replace(/"(?:[^"\\]|\\.)*"|(-?[0-9]{16,})(?![0-9.eE])/g, (all, long?: string) =>
    long ? `"\\u0000${long}"` : all,
  );
  return JSON.parse(marked, (_key, value: unknown) =>
    typeof value === "string" && value.startsWith("\u0000") ? BigInt(value.slice(1)) : value,
  ) as Exact;
}

/** Return a whole number as a `bigint`. Throws for anything else. */
export function whole(value: Exact | undefined): bigint {
  if (typeof value === "bigint") return value;
  if (typeof value === "number" && Number.isSafeInteger(value)) return BigInt(value);
  throw new Error(`${String(value)} is no whole number`);
}
