/**
 * Decimal odds as whole hundredths (`"2.50"` is 250), and the ladders of odds that markets allow.
 *
 * Orders are always sent in ladder decimals; every other format is for looking at (see `formats.ts`).
 */

/** Up to which odds, inclusive, and by which step. */
type Band = readonly [upper: number, step: number];

const CLASSIC: readonly Band[] = [
  [200, 1],
  [300, 2],
  [400, 5],
  [600, 10],
  [1_000, 20],
  [2_000, 50],
  [3_000, 100],
  [5_000, 200],
  [10_000, 500],
  [100_000, 1_000],
];

const LADDERS: Readonly<Record<string, readonly Band[]>> = { classic: CLASSIC, finest: [[100_000, 1]] };

export const ODDS_MIN = 101;
export const ODDS_MAX = 100_000;

/** Return the odds that a decimal string of the API names. */
export function oddsOf(text: string): number {
  const [whole = "", cents = ""] = text.split(".");
  return Number(whole) * 100 + Number(cents.padEnd(2, "0"));
}

/** Return odds as the API writes them. */
export function oddsText(odds: number): string {
  return `${Math.trunc(odds / 100)}.${String(odds % 100).padStart(2, "0")}`;
}

/** The prices that orders in a market may name, ascending. */
export class Ladder {
  readonly prices: readonly number[];
  readonly #places: ReadonlyMap<number, number>;

  constructor(bands: readonly Band[]) {
    const prices: number[] = [];
    let lower = 100;
    for (const [upper, step] of bands) {
      for (let price = lower + step; price <= upper; price += step) prices.push(price);
      lower = upper;
    }
    this.prices = prices;
    this.#places = new Map(prices.map((price, place) => [price, place]));
  }

  has(odds: number): boolean {
    return this.#places.has(odds);
  }

  /** Return the nearest price that an order may name; of two that are as near, the shorter. */
  nearest(odds: number): number {
    const after = this.#placeAfter(odds);
    const below = this.prices[Math.max(after - 1, 0)] ?? ODDS_MIN;
    const above = this.prices[Math.min(after, this.prices.length - 1)] ?? below;
    return odds - below <= above - odds ? below : above;
  }

  /** Return the price so many ticks away, no further than the end of the ladder. Odds between two prices snap first. */
  step(odds: number, ticks: number): number {
    const place = this.#places.get(this.nearest(odds)) ?? 0;
    const wanted = Math.min(Math.max(place + ticks, 0), this.prices.length - 1);
    return this.prices[wanted] ?? odds;
  }

  /** Return the first place whose price is above these odds. */
  #placeAfter(odds: number): number {
    let low = 0;
    let high = this.prices.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.prices[middle] ?? 0) <= odds) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

const made = new Map<string, Ladder>();

/** Return the ladder of this name; unknown names have the classic one's prices. */
export function ladderNamed(name: string): Ladder {
  let known = made.get(name);
  if (!known) {
    known = new Ladder(LADDERS[name] ?? CLASSIC);
    made.set(name, known);
  }
  return known;
}
