/** Figures of records as text: shares in percent, ratios with two digits; what there is not enough for is a dash. */

const NOTHING = "–";

/** Return a share, of which 1 is all, in percent with one digit. */
export function shareText(share: string | null): string {
  return share === null ? NOTHING : `${(Number(share) * 100).toFixed(1)} %`;
}

/** Return a ratio with two digits. */
export function ratioText(ratio: string | null): string {
  return ratio === null ? NOTHING : Number(ratio).toFixed(2);
}

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

/** Return which of some choices a text is, the first one if none. */
export function chosen<const Key extends string>(
  choices: readonly (readonly [Key, string])[],
  text: string | undefined,
  usual: Key,
): Key {
  return choices.find(([key]) => key === text)?.[0] ?? usual;
}
