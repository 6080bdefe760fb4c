/**
 * Checks the results of a round from its proof: moments, sources, prices, the reference, and why it is void. It says what
 * `evens.edges.cli.pools.proven_results` says; both are held to the cases of `tests/vectors/round_proofs.json`.
 */
import { CLOSED, dated, hadOne, intervalBefore, momentOfCode, type Round, roundOf } from "./committed-round";
import type { Exact } from "./exact-json";
import { type Fields, fields, list, moment, type ProofCheck, text } from "./fields";

const SECOND = 1_000_000_000n;
/** By how much the clock that hears sources may be ahead of the one that dates results. */
const APART = 60n * SECOND;
const BPS = 10_000n;
const NO_PRICE = "No price could be had in time: ";
const NO_EARLIER = "there is no earlier close to compare with";
const BY: readonly Exact[] = ["operator", "admin", "service"];
const TOLD = ["symbol", "date", "verdict", "sources", "price", "why", "reference", "before"];
const SAID = ["by", "price", "reason", "against_sources"];

interface Price {
  readonly digits: bigint;
  readonly scale: number;
}

const no = (why: string): ProofCheck => ({ holds: false, text: why });

/**
 * Return what is to be said of a locked round's moments and results. `before` is the proof of the round before, `closed`
 * are the days on which the exchange did not open, as the pool lists them now.
 */
export function checkResults(
  proof: Fields,
  before: Fields | undefined,
  closed: readonly string[] | undefined,
): readonly ProofCheck[] {
  const round = roundOf(fields(proof["committed"]));
  const results = list(proof["results"]).map(fields);
  return [
    checkOrder(proof, round, results),
    ...results.flatMap((each, place) => checkResult(round, each, before, closed, place === 0)),
  ];
}

/** Check that the round locked and was decided in this order, none of it before its time. */
function checkOrder(proof: Fields, round: Round, results: readonly Fields[]): ProofCheck {
  const locked = moment(proof["locked_at"]);
  const decided = results.map((each) => moment(each["decided_at"]));
  const first = decided[0];
  if (locked < round.opensAt) return no("It was locked before it was opened.");
  if (decided.some((each, place) => each < (decided[place - 1] ?? locked)))
    return no("It was decided before it was locked, or its results are not in their order.");
  if (locked < round.locksAt && first !== locked)
    return no("It was locked before its time, and not because it was void.");
  if (first !== undefined && results[0]?.["result"] !== "void" && first < round.settlesAt)
    return no("It was settled before its time.");
  return { holds: true, text: "It was opened, locked and decided in this order, each in its time." };
}

function checkResult(
  round: Round,
  said: Fields,
  before: Fields | undefined,
  closed: readonly string[] | undefined,
  isFirst: boolean,
): readonly ProofCheck[] {
  const evidence = fields(said["evidence"]);
  const { result, reason } = said;
  moment(said["decided_at"]);
  if (result !== "up" && result !== "down" && result !== "void")
    return [no(`${String(result)} is no result.`)];
  if (result !== "void" && reason !== null) return [no("A reason is given for a result that needs none.")];
  const by = evidence["by"];
  if ("by" in evidence && !BY.includes(by ?? null)) return [no(`${String(by)} is nobody who could say so.`)];
  if (!isFirst && !("by" in evidence)) return [no("Only a person corrects a result, and none is named.")];
  if ("sources" in evidence) return checkTold(round, said, evidence, before, closed);
  const strange = Object.keys(evidence).find((name) => !SAID.includes(name));
  if (strange) return [no(`${strange} is given without what the sources said.`)];
  if (("reason" in evidence && isFirst) || ("against_sources" in evidence && !isFirst))
    return [no("The reason that is given does not go with this result.")];
  if ("price" in evidence) priceOf(evidence["price"]);
  if (result !== "void") {
    return [
      {
        holds: "by" in evidence,
        text: `The result ${result} is an operator's word: its sources were not heard.`,
      },
    ];
  }
  if (!("by" in evidence) && reason === CLOSED) return [checkClosed(round, closed)];
  if (round.tellsAll && !("by" in evidence)) return [no("It is not said who made the round void.")];
  const holds = "by" in evidence || typeof reason === "string";
  return [{ holds, text: `The house's word: void, ${String(reason ?? "by correction")}` }];
}

/** Check that the exchange did not open on the round's day. */
function checkClosed(round: Round, closed: readonly string[] | undefined): ProofCheck {
  const at = momentOfCode(round.code, round.intervalS !== undefined);
  const day = new Date(at).toISOString().slice(0, 10);
  if (round.closed.includes(day))
    return { holds: true, text: `The round is void: ${day} was closed, as its own terms say.` };
  if (!closed)
    return {
      holds: true,
      text: `The operator's word: void, because ${round.calendar} did not open on ${day}.`,
    };
  if (closed.includes(day))
    return {
      holds: true,
      text: `The operator's word: ${round.calendar} did not open on ${day}. The pool lists it as a closed day.`,
    };
  return no(`${day} is no day on which ${round.calendar} did not open: the pool lists no such.`);
}

/** Check a result that is told from what the sources said. */
function checkTold(
  round: Round,
  said: Fields,
  evidence: Fields,
  before: Fields | undefined,
  closed: readonly string[] | undefined,
): readonly ProofCheck[] {
  const isOwn = "by" in evidence;
  const decidedAt = moment(said["decided_at"]);
  if (isOwn && said["result"] !== "void")
    return [no("An operator's result is given with what the sources said.")];
  const strange = Object.keys(evidence).find((name) => !TOLD.includes(name) && !(isOwn && name === "by"));
  if (strange) return [no(`${strange} is nothing that a result is told from.`)];
  const date = text(evidence["date"]);
  const answers = list(evidence["sources"]).map(fields);
  const reference = "reference" in evidence ? priceOf(evidence["reference"]) : undefined;
  const [verdict, price] = judge(answers, reference, round);
  const stands = "price" in evidence ? priceOf(evidence["price"]) : undefined;
  const fits =
    evidence["verdict"] === verdict && isSame(price, stands) && "why" in evidence === (verdict !== "decided");
  const checks: ProofCheck[] = [
    {
      holds: evidence["symbol"] === round.symbol && date === dated(round, round.code),
      text: `The sources were asked for ${text(evidence["symbol"])} of ${date}.`,
    },
    checkAnswers(round, answers, date, decidedAt),
    {
      holds: fits,
      text: `What they said comes to: ${verdict}${stands ? `, ${String(evidence["price"])}` : ""}.`,
    },
    ...checkReference(round, said, evidence, before, closed, decidedAt),
  ];
  if (isOwn) return [...checks, { holds: true, text: `An operator's word: void, ${String(said["reason"])}` }];
  return [
    ...checks,
    checkOutcome(said, verdict, price, reference, decidedAt >= round.settlesAt + round.grace),
  ];
}

/** Check what the round came to by its prices. */
function checkOutcome(
  said: Fields,
  verdict: string,
  price: Price | undefined,
  reference: Price | undefined,
  isLate: boolean,
): ProofCheck {
  const { result, reason } = said;
  const evidence = fields(said["evidence"]);
  if (verdict === "decided" && price && reference) {
    const right = compare(price, reference) > 0 ? "up" : "down";
    return {
      holds: right === result,
      text: `${String(evidence["reference"])} to ${String(evidence["price"])} is ${right}.`,
    };
  }
  if (result !== "void") return no(`It is ${String(result)} without two prices that its sources agree on.`);
  const waited = typeof reason === "string" && reason.startsWith(NO_PRICE) && isLate;
  const holds =
    verdict === "decided"
      ? reason === NO_EARLIER || waited
      : verdict !== "jump" && waited && reason === NO_PRICE + text(evidence["why"]);
  return { holds, text: `The round is void: ${String(reason)}` };
}

/** Check that each source of the round answered once, about this date, between the close and the result. */
function checkAnswers(round: Round, answers: readonly Fields[], date: string, decidedAt: bigint): ProofCheck {
  const names = answers.map((each) => text(each["name"]));
  if (names.length !== round.names.length || names.some((name, place) => name !== round.names[place]))
    return no("These are not the sources that the round committed to.");
  for (const each of answers) {
    const name = text(each["name"]);
    const seenAt = moment(each["seen_at"]);
    if (seenAt < round.settlesAt || seenAt > decidedAt + APART)
      return no(`${name} was not heard between the close and the result.`);
    const kinds = Object.keys(each)
      .filter((kind) => kind !== "name" && kind !== "seen_at")
      .toSorted()
      .join(" ");
    const isSaid = kinds === "date price reason" && round.people.includes(name);
    if (!isSaid && kinds !== "date price" && kinds !== "not_yet" && kinds !== "error")
      return no(`${name} gives neither a price nor why there is none.`);
    if (Object.values(each).some((value) => typeof value !== "string"))
      return no(`${name} does not speak in texts.`);
    if ("price" in each && each["date"] !== date)
      return no(`${name} tells of ${String(each["date"])}, not of ${date}.`);
  }
  const every = answers.length === 1 ? "Its source" : `All ${answers.length} sources`;
  return { holds: true, text: `${every} answered in time about ${date}.` };
}

/** Return what answers come to, and the price if they give one. */
function judge(
  answers: readonly Fields[],
  reference: Price | undefined,
  round: Round,
): readonly [string, Price | undefined] {
  const seen = answers
    .filter((each) => "price" in each)
    .map((each) => priceOf(each["price"]))
    .toSorted(compare);
  const middle = seen[(seen.length - 1) >> 1];
  if (seen.length < round.quorum || !middle) return ["waiting", undefined];
  const near = seen.filter((one) => isWithin(one, middle, round.tolerance));
  const agree = near.length >= round.quorum && 2 * near.length > seen.length;
  const minds = new Set(reference ? near.map((one) => compare(one, reference) > 0) : []);
  if (!agree || minds.size > 1) return ["disagree", undefined];
  if (reference && round.jump > 0n && !isWithin(middle, reference, round.jump)) return ["jump", middle];
  return ["decided", middle];
}

/** Check the close before against the proof of its round, or against what sources said of it. */
function checkReference(
  round: Round,
  said: Fields,
  evidence: Fields,
  before: Fields | undefined,
  closed: readonly string[] | undefined,
  decidedAt: bigint,
): readonly ProofCheck[] {
  const reference = "reference" in evidence ? priceOf(evidence["reference"]) : undefined;
  const proven = before && provenPrice(before, decidedAt);
  const provenOf = before ? text(fields(before["committed"])["code"]) : "";
  if (!("before" in evidence)) {
    if (round.tellsAll) return [no("It is not said where the reference is from.")];
    const holds = !proven || isSame(proven, reference);
    return [
      {
        holds,
        text: proven ? "The reference is the close before." : "The reference is the house's word.",
      },
    ];
  }
  const told = fields(evidence["before"]);
  const strange = Object.keys(told).find((name) => !["round", "date", "sources"].includes(name));
  if (strange) return [no(`${strange} is nothing that a reference is told from.`)];
  const code = text(told["round"]);
  const isSkipped = before && provenOf > code && (proven || hadOne(before));
  if (!(code < round.code) || told["date"] !== dated(round, code) || isSkipped)
    return [no(`${code} is not the session before.`)];
  const session = checkSession(round, code, closed ?? []);
  return session.holds
    ? [session, ...checkClose(round, said, told, before, reference, proven, decidedAt)]
    : [session];
}

/** Check that a code is that of the session before the round's. Of an exchange's days this program has no calendar. */
function checkSession(round: Round, code: string, closed: readonly string[]): ProofCheck {
  if (round.intervalS === undefined)
    return {
      holds: true,
      text: `That ${code} is the session of ${round.calendar} before is the operator's word here.`,
    };
  const expected = intervalBefore(round, round.intervalS, round.closed);
  if (code === expected || code === intervalBefore(round, round.intervalS, [...round.closed, ...closed]))
    return { holds: true, text: `By the calendar, ${code} is the session before.` };
  return no(`${code} is not the session before: by the calendar it is ${expected}.`);
}

/** Check the close of the session before, which is named rightly. */
function checkClose(
  round: Round,
  said: Fields,
  told: Fields,
  before: Fields | undefined,
  reference: Price | undefined,
  proven: Price | undefined,
  decidedAt: bigint,
): readonly ProofCheck[] {
  const provenOf = before ? text(fields(before["committed"])["code"]) : "";
  const code = text(told["round"]);
  if (!("sources" in told)) {
    if (!reference)
      return [
        {
          holds: !proven && said["reason"] !== NO_EARLIER,
          text: `The round before, ${code}, had no result.`,
        },
      ];
    if (!before)
      return [
        { holds: true, text: `The reference is the close that round ${code} proves; check that, too.` },
      ];
    return [
      {
        holds: provenOf === code && isSame(proven, reference),
        text: `The reference is the close of round ${code}.`,
      },
    ];
  }
  if (proven && provenOf === code)
    return [no(`The sources were asked for the close of ${code}, which its round proves.`)];
  const answers = list(told["sources"]).map(fields);
  const [verdict, price] = judge(answers, undefined, round);
  const date = text(told["date"]);
  return [
    checkAnswers(round, answers, date, decidedAt),
    {
      holds: isSame(verdict === "decided" ? price : undefined, reference),
      text: `What the sources said of ${date} gives the reference.`,
    },
  ];
}

/** Return the close that the round before had when this one was decided. */
function provenPrice(before: Fields, decidedAt: bigint): Price | undefined {
  const then = list(before["results"])
    .map(fields)
    .filter((each) => moment(each["decided_at"]) <= decidedAt);
  const evidence = fields(then.at(-1)?.["evidence"] ?? {});
  if ((evidence["verdict"] ?? "decided") !== "decided" || typeof evidence["price"] !== "string")
    return undefined;
  return priceOf(evidence["price"]);
}

function priceOf(value: Exact | undefined): Price {
  const match = typeof value === "string" ? /^([0-9]+)(?:\.([0-9]+))?$/.exec(value) : null;
  if (!match || !/[1-9]/.test(match[0])) throw new Error(`${String(value)} is no price`);
  const fraction = match[2] ?? "";
  return { digits: BigInt((match[1] ?? "") + fraction), scale: fraction.length };
}

function aligned(one: Price, other: Price): readonly [bigint, bigint] {
  const scale = Math.max(one.scale, other.scale);
  const at = (price: Price) => price.digits * 10n ** BigInt(scale - price.scale);
  return [at(one), at(other)];
}

function compare(one: Price, other: Price): number {
  const [left, right] = aligned(one, other);
  return left > right ? 1 : left < right ? -1 : 0;
}

function isSame(one: Price | undefined, other: Price | undefined): boolean {
  return one && other ? compare(one, other) === 0 : one === other;
}

function isWithin(one: Price, centre: Price, bps: bigint): boolean {
  const [left, right] = aligned(one, centre);
  return (left > right ? left - right : right - left) * BPS <= right * bps;
}
