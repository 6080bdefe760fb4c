/**
 * Limits within which somebody's bets are copied: as they are typed, and as the API has them.
 *
 * Amounts and odds are typed as everywhere; the share of the leader's stake is typed in percent, and the API has it as a
 * ratio with up to six digits.
 */
import { amountOf, type Currency, minorOf, readAmount } from "../money/money";
import { type OddsFormat, readOdds, showOdds } from "../odds/formats";
import { ladderNamed, oddsOf, oddsText } from "../odds/odds";

export const COPIED_PRODUCTS = ["exchange", "sportsbook", "pools"] as const;

export type CopiedProduct = (typeof COPIED_PRODUCTS)[number];

/** What is typed and ticked. */
export interface LimitsDraft {
  readonly mode: "fixed" | "proportional";
  readonly stake: string;
  /** In percent. */
  readonly share: string;
  readonly allocation: string;
  readonly perBetCap: string;
  readonly dailyCap: string;
  readonly slippage: string;
  readonly minOdds: string;
  /** In percent of what is set aside; empty for none. */
  readonly stopLoss: string;
  /** Ids with blanks or commas between them; empty for everywhere. */
  readonly markets: string;
  readonly products: readonly CopiedProduct[];
}

/** Limits as the API has them. */
export interface Limits {
  readonly mode: "fixed" | "proportional";
  readonly stake: string | null;
  readonly ratio: string | null;
  readonly allocation: string;
  readonly per_bet_cap: string;
  readonly daily_cap: string;
  readonly max_slippage_ticks: number;
  readonly min_odds: string | null;
  readonly stop_loss_percent: number | null;
  readonly markets: readonly string[];
  readonly products: readonly CopiedProduct[];
}

/** What is wrong with what was typed, by the API's names of the fields; and the limits, once nothing is wrong or missing. */
export interface ReadLimits {
  readonly wrong: Readonly<Partial<Record<keyof Limits, string>>>;
  readonly limits: Limits | undefined;
}

const RATIO_SCALE = 6;
const PERCENT: Currency = { code: "The share", scale: RATIO_SCALE - 2 };
const PERCENT_MAX_MINOR = 10_000n * 10n ** BigInt(PERCENT.scale);
const TICKS_MAX = 350;
const STOP_LOSS_MAX = 99;
/** Half of what the copies win. */
const FEE_MAX = 0.5;
const MARKETS_MAX = 50;

/** What stands in the fields before anything is typed. In pools nothing bounds the price: whoever wants them ticks them. */
export const NO_LIMITS: LimitsDraft = {
  mode: "fixed",
  stake: "",
  share: "",
  allocation: "",
  perBetCap: "",
  dailyCap: "",
  slippage: "2",
  minOdds: "",
  stopLoss: "",
  markets: "",
  products: ["exchange", "sportsbook"],
};

/** Return limits as they would be typed. */
export function typedLimits(limits: Limits, format: OddsFormat): LimitsDraft {
  return {
    mode: limits.mode,
    stake: limits.stake ?? "",
    share: limits.ratio === null ? "" : percentOf(limits.ratio),
    allocation: limits.allocation,
    perBetCap: limits.per_bet_cap,
    dailyCap: limits.daily_cap,
    slippage: String(limits.max_slippage_ticks),
    minOdds: limits.min_odds === null ? "" : showOdds(oddsOf(limits.min_odds), format),
    stopLoss: limits.stop_loss_percent === null ? "" : String(limits.stop_loss_percent),
    markets: limits.markets.join(", "),
    products: limits.products,
  };
}

/** Return what is typed as the API has it, or what is wrong with it. Nothing typed yet is not wrong, but missing. */
export function readLimits(draft: LimitsDraft, currency: Currency, format: OddsFormat): ReadLimits {
  const isFixed = draft.mode === "fixed";
  const wrong: Partial<Record<keyof Limits, string>> = {};
  const amount = (field: keyof Limits, text: string): string | undefined => {
    const typed = readAmount(text, currency);
    if ("wrong" in typed) wrong[field] = typed.wrong;
    return "minor" in typed ? amountOf(typed.minor, currency.scale) : undefined;
  };
  const stake = isFixed ? amount("stake", draft.stake) : null;
  const share = isFixed ? null : readShare(draft.share);
  if (share && "wrong" in share) wrong.ratio = share.wrong;
  const ratio = share === null ? null : "ratio" in share ? share.ratio : undefined;
  const allocation = amount("allocation", draft.allocation);
  const per_bet_cap = amount("per_bet_cap", draft.perBetCap);
  const daily_cap = amount("daily_cap", draft.dailyCap);
  // What is typed for where nothing is copied is not seen: if it is wrong, it counts as what is usual.
  const usualTicks = draft.products.includes("exchange") ? undefined : Number(NO_LIMITS.slippage);
  const ticks = readWhole(draft.slippage, 0, TICKS_MAX) ?? usualTicks;
  if (ticks === undefined) wrong.max_slippage_ticks = `A whole number from 0 to ${TICKS_MAX}, please.`;
  const usualOdds = draft.products.includes("sportsbook") ? undefined : null;
  const typedOdds = draft.minOdds.trim() ? readOdds(draft.minOdds, format, ladderNamed("finest")) : null;
  const least = typedOdds === undefined ? usualOdds : typedOdds;
  if (least === undefined) wrong.min_odds = "These are no odds.";
  const stopLoss = draft.stopLoss.trim() ? readWhole(draft.stopLoss, 1, STOP_LOSS_MAX) : null;
  if (stopLoss === undefined) wrong.stop_loss_percent = `A whole number from 1 to ${STOP_LOSS_MAX}, please.`;
  const markets = [...new Set(draft.markets.split(/[\s,]+/).filter(Boolean))];
  if (markets.length > MARKETS_MAX) wrong.markets = `At most ${MARKETS_MAX}, please.`;
  if (draft.products.length === 0) wrong.products = "Choose where to copy, please.";
  const isMissing = stake === undefined || ratio === undefined || !allocation || !per_bet_cap || !daily_cap;
  if (
    isMissing ||
    ticks === undefined ||
    least === undefined ||
    stopLoss === undefined ||
    Object.keys(wrong).length > 0
  )
    return { wrong, limits: undefined };
  const caps = { allocation, per_bet_cap, daily_cap };
  const min_odds = least === null ? null : oddsText(least);
  const products = COPIED_PRODUCTS.filter((product) => draft.products.includes(product));
  return {
    wrong,
    limits: {
      ...{ mode: draft.mode, stake, ratio, ...caps },
      ...{ max_slippage_ticks: ticks, min_odds, stop_loss_percent: stopLoss, markets, products },
    },
  };
}

/** Return a ratio of the API in percent: `"0.25"` is `"25"`. */
export function percentOf(ratio: string): string {
  const [whole = "0", fraction = ""] = ratio.split(".");
  const minor = BigInt(`${whole}${fraction.padEnd(RATIO_SCALE, "0")}`);
  return withoutZeros(amountOf(minor, PERCENT.scale));
}

/** Read what a leader takes in percent as a share of the API: `"25"` is `"0.25"`; nothing and 0 are empty. */
export function readFee(text: string): { ratio: string } | { empty: true } | { wrong: string } {
  if (text.trim() === "0") return { empty: true };
  const typed = readShare(text);
  const isTooMuch = "ratio" in typed && Number(typed.ratio) > FEE_MAX;
  return isTooMuch ? { wrong: `At most ${FEE_MAX * 100} percent, please.` } : typed;
}

function readShare(text: string): { ratio: string } | { empty: true } | { wrong: string } {
  const typed = readAmount(text.replace(/%\s*$/, ""), PERCENT);
  if (!("minor" in typed)) return typed;
  if (typed.minor > PERCENT_MAX_MINOR) return { wrong: "At most 10000 percent, please." };
  return { ratio: withoutZeros(amountOf(typed.minor, RATIO_SCALE)) };
}

function readWhole(text: string, least: number, most: number): number | undefined {
  const typed = text.trim();
  const value = Number(typed);
  return /^[0-9]{1,3}$/.test(typed) && value >= least && value <= most ? value : undefined;
}

function withoutZeros(decimal: string): string {
  return decimal.includes(".") ? decimal.replace(/\.?0+$/, "") : decimal;
}

/** Return what is left of an amount when some of it is used, never less than nothing, and how many percent are used. */
export function leftOf(all: string, used: string, scale: number): { left: string; usedPercent: number } {
  const allMinor = minorOf(all, scale);
  const usedMinor = minorOf(used, scale);
  const leftMinor = allMinor - usedMinor;
  if (leftMinor <= 0n) return { left: amountOf(0n, scale), usedPercent: 100 };
  return { left: amountOf(leftMinor, scale), usedPercent: Number((usedMinor * 100n) / allMinor) };
}
