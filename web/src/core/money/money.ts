/**
 * Money as whole numbers of a currency's smallest unit, in `bigint`: no float ever holds an amount.
 *
 * The API writes amounts as decimal strings with exactly the currency's digits. People write them as they are used to:
 * with a comma or a point, with blanks or other separators between thousands.
 */

/** A currency as `GET /v1/config` lists it: its code, and how many digits stand behind the point. */
export interface Currency {
  readonly code: string;
  readonly scale: number;
}

const PLAIN = /^(-)?(0|[1-9][0-9]*)(?:\.([0-9]+))?$/;

/** Return the minor units of an amount as the API writes it. Throws for anything else: that would be a fault of ours. */
export function minorOf(amount: string, scale: number): bigint {
  const match = PLAIN.exec(amount);
  const fraction = match?.[3] ?? "";
  if (!match || fraction.length > scale) throw new Error(`not an amount with ${scale} digits: ${amount}`);
  const minor = BigInt(`${match[2]}${fraction.padEnd(scale, "0")}`);
  return match[1] ? -minor : minor;
}

/** Return minor units as the API writes them. */
export function amountOf(minor: bigint, scale: number): string {
  const digits = (minor < 0n ? -minor : minor).toString().padStart(scale + 1, "0");
  const sign = minor < 0n ? "-" : "";
  if (scale === 0) return sign + digits;
  return `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

/** What somebody typed: an amount, nothing yet, or why it is none. */
export type Typed = { minor: bigint } | { empty: true } | { wrong: string };

/**
 * Read what somebody typed as an amount. Of a comma and a point the last is the decimal mark; a lone mark that is
 * followed by three digits is one, too, as nobody means 1.000 of something by typing `1,000` into a field for stakes
 * of two digits: that is asked about rather than guessed.
 */
export function readAmount(text: string, currency: Currency): Typed {
  const typed = text.trim().replace(/[\s\u00a0\u202f'’]/g, "");
  if (typed === "") return { empty: true };
  if (!/^[0-9.,]+$/.test(typed)) return { wrong: "Digits only, please." };
  const marks = typed.replace(/[0-9]/g, "");
  const last = Math.max(typed.lastIndexOf(","), typed.lastIndexOf("."));
  const isDecimal = marks.length > 0 && !(marks.length > 1 && new Set(marks).size === 1);
  const whole = (isDecimal ? typed.slice(0, last) : typed).replace(/[.,]/g, "");
  const fraction = isDecimal ? typed.slice(last + 1) : "";
  if (fraction.length > currency.scale) {
    return currency.scale === 0
      ? { wrong: `${currency.code} has no smaller units.` }
      : { wrong: `${currency.code} has ${currency.scale} digits behind the point.` };
  }
  const minor = BigInt(`${whole || "0"}${fraction.padEnd(currency.scale, "0")}`);
  if (minor === 0n) return { wrong: "More than nothing, please." };
  if (minor >= 10n ** 18n) return { wrong: "That is more than fits." };
  return { minor };
}

const GROUPED = /\B(?=([0-9]{3})+(?![0-9]))/g;

/** Return an amount for people: thousands apart, a real minus. `signed` shows a plus, too. */
export function moneyText(amount: string, options: { signed?: boolean; code?: string } = {}): string {
  const isNegative = amount.startsWith("-");
  const [whole = "0", fraction] = (isNegative ? amount.slice(1) : amount).split(".");
  const grouped = whole.replace(GROUPED, "\u2009");
  const text = fraction === undefined ? grouped : `${grouped}.${fraction}`;
  const isZero = /^[0.\u2009]+$/.test(text);
  const sign = isNegative ? "\u2212" : options.signed && !isZero ? "+" : "";
  return `${sign}${text}${options.code ? `\u00a0${options.code}` : ""}`;
}

/** Return a decimal with no more digits behind the point than `scale`; what is beyond them is cut off, not rounded. */
export function cutTo(decimal: string, scale: number): string {
  const [whole = "0", fraction = ""] = decimal.split(".");
  return scale === 0 ? whole : `${whole}.${fraction.slice(0, scale).padEnd(scale, "0")}`;
}

/** Return a quotient rounded towards minus infinity, as the ledger rounds. */
export function floorDivide(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  return dividend % divisor !== 0n && dividend < 0n !== divisor < 0n ? quotient - 1n : quotient;
}

/** Return a quotient rounded towards plus infinity. */
export function ceilDivide(dividend: bigint, divisor: bigint): bigint {
  return -floorDivide(-dividend, divisor);
}
