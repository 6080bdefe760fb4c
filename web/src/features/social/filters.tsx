/** What records are looked at by: the time, the product, the currency. The choices stand in the address. */
import type { ReactNode } from "react";
import { useConfig } from "@/data";
import { Chips, Select } from "@/ui";

export const PERIODS = [
  ["day", "Today"],
  ["week", "This week"],
  ["month", "This month"],
  ["all", "All time"],
] as const;

export const PRODUCTS = [
  ["all", "Everything"],
  ["exchange", "Exchange"],
  ["sportsbook", "Sportsbook"],
  ["pools", "Pools"],
] as const;

type Period = (typeof PERIODS)[number][0];
type Product = (typeof PRODUCTS)[number][0];

export interface Chosen {
  readonly period: Period;
  readonly product: Product;
  readonly currency: string;
}

/** Return what the address chooses; where it names nothing that there is, what is usual. */
export function useChosen(
  asked: { readonly period?: string; readonly product?: string; readonly currency?: string },
  usualPeriod: Period,
): Chosen {
  const { currencies } = useConfig();
  return {
    period: chosen(PERIODS, asked.period, usualPeriod),
    product: chosen(PRODUCTS, asked.product, "all"),
    currency: currencies.find((each) => each.code === asked.currency)?.code ?? currencies[0]?.code ?? "",
  };
}

/** Return which of some choices a text is, the usual one if none. */
export function chosen<const Key extends string>(
  choices: readonly (readonly [Key, string])[],
  text: string | undefined,
  usual: Key,
): Key {
  return choices.find(([key]) => key === text)?.[0] ?? usual;
}

export function Filters({
  chosen: { period, product, currency },
  choose,
  children,
}: {
  chosen: Chosen;
  choose: (changes: Readonly<Record<string, string>>) => void;
  /** What a page can be looked at by besides. */
  children?: ReactNode;
}) {
  const { currencies } = useConfig();
  return (
    <div className="mb-4 flex flex-wrap items-end gap-3">
      <Chips label="Period" options={PERIODS} value={period} choose={(next) => choose({ period: next })} />
      {children}
      <Select
        label="In"
        value={product}
        onChange={(event) => choose({ product: event.target.value })}
        options={PRODUCTS}
      />
      {currencies.length > 1 && (
        <Select
          label="Currency"
          value={currency}
          onChange={(event) => choose({ currency: event.target.value })}
          options={currencies.map((each) => [each.code, each.code] as const)}
        />
      )}
    </div>
  );
}
