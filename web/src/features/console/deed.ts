/** What an operator can do to something: what is asked first, what it will be, and how it is done. */
import type { ReactNode } from "react";

export type Values = Readonly<Record<string, string>>;
export type Body = Record<string, unknown>;

export interface Asked {
  readonly name: string;
  readonly label: string;
  readonly hint?: string;
  readonly unit?: string;
  readonly kind?: "text" | "money" | "moment" | "choice" | "number" | "percent" | "odds";
  readonly options?: readonly (readonly [string, string])[];
  readonly initial?: string;
  readonly optional?: boolean;
  /** A heading above this field and those that follow it. */
  readonly group?: string;
}

export interface Deed {
  /** What is done, as a title: `Void Race 1`. */
  readonly title: string;
  /** The word on the button that does it. */
  readonly verb: string;
  /** What it means, in words; without a preview it is all that somebody sees before it is done. */
  readonly note: ReactNode;
  /** What `POST /v1/previews` calls it; without it nothing is worked out, and no second operator can be asked. */
  readonly what?: string;
  readonly id?: string;
  readonly asks?: readonly Asked[];
  /** More fields of one kind, for which there is a button; `turn` counts how often it was pressed before. */
  readonly more?: { readonly verb: string; readonly asks: (turn: number) => readonly Asked[] };
  /** Returns the request's body. */
  readonly body?: (values: Values) => Body;
  /** Returns which of the fields that were asked the server means by a path; left out, the one whose name is in it. */
  readonly field?: (path: string, values: Values) => string | undefined;
  /** Whether what was chosen is enough to go on. */
  readonly isReady?: (values: Values) => boolean;
  readonly act: (key: string, body: Body) => Promise<unknown>;
  /** What is told when it is done. */
  readonly done?: string;
  /** What follows when it is done, from what was answered. */
  readonly after?: (answer: unknown) => void;
  /** It takes nothing from anybody: its button is not red. */
  readonly isHarmless?: boolean;
}

/** Return what was typed for these fields, without those that were left empty; money and odds with a point, percents in basis points. */
export function given(values: Values, asks: readonly Asked[]): Body {
  const found: Body = {};
  for (const { name, kind } of asks) {
    const text = (values[name] ?? "").trim();
    if (text === "") continue;
    if (kind === "money" || kind === "odds") found[name] = text.replace(",", ".");
    else if (kind === "number") found[name] = Number(text);
    else if (kind === "percent") found[name] = bpsOf(text);
    else if (kind === "moment") found[name] = momentOf(text);
    else found[name] = text;
  }
  return found;
}

/** Return basis points of a percentage as typed: 2.5 is 250. What is finer than one is not rounded but refused. */
export function bpsOf(text: string): number {
  return Number((Number(text.replace(",", ".")) * 100).toFixed(4));
}

/** Return a moment of a `datetime-local` field, which is in the person's own time, as the API takes it. */
export function momentOf(text: string): string {
  const date = new Date(text);
  return Number.isNaN(date.getTime()) ? text : date.toISOString();
}

/** Return a moment of the API in the person's own time, as a `datetime-local` field takes it, to the second. */
export function localOf(moment: string): string {
  const date = new Date(moment);
  const two = (number: number) => String(number).padStart(2, "0");
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day}T${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}
