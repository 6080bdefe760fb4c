/** What a round committed to about its days, its sources and its result, as its proof says it. */
import { parseExact, whole } from "./exact-json";
import { type Fields, fields, list, moment, text } from "./fields";

const SECOND = 1_000_000_000n;
const EARLIER_MAX = 14;
const DAY_MS = 86_400_000;
/** The form of terms since which a round says where its reference is from, and who voided it. Rounds commit to it. */
const FORM = 2;
export const CLOSED = "The exchange did not open on this day.";

/** Rounds that open from then on say so whatever their form; earlier ones of an earlier form need not. */
const TELLS_ALL_FROM = moment("2027-01-01T00:00:00Z");

export interface Round {
  readonly symbol: string;
  readonly code: string;
  readonly calendar: string;
  /** Days of which it was announced before the round opened that there is no session. */
  readonly closed: readonly string[];
  readonly tellsAll: boolean;
  readonly names: readonly string[];
  /** The sources whose prices operators say. */
  readonly people: readonly string[];
  readonly quorum: number;
  readonly tolerance: bigint;
  readonly jump: bigint;
  readonly grace: bigint;
  readonly intervalS: number | undefined;
  readonly lockBeforeS: number;
  readonly opensAt: bigint;
  readonly locksAt: bigint;
  readonly settlesAt: bigint;
}

/** Return the codes among which the round before is, the newest first, down to the one that is named; else none. */
export function earlierCodes(proofText: string): readonly string[] {
  try {
    const proof = fields(parseExact(proofText));
    const round = roundOf(fields(proof["committed"]));
    // Who corrects a result says nothing of the reference: the result before it does.
    const told = list(proof["results"])
      .map((each) => fields(fields(each)["evidence"]))
      .find((evidence) => "before" in evidence);
    const named = text(fields(told?.["before"])["round"]);
    const at = momentOfCode(round.code, round.intervalS !== undefined);
    const step = round.intervalS === undefined ? DAY_MS : round.intervalS * 1000;
    const codes = Array.from({ length: EARLIER_MAX }, (_, back) =>
      codeOf(at - step * (back + 1), round.intervalS !== undefined),
    );
    return [...codes.filter((code) => code > named), named];
  } catch {
    return [];
  }
}

/** Return whether a round is one with a close: not one of a day on which it turned out that nothing opened. */
export function hadSession(proofText: string): boolean {
  return hadOne(fields(parseExact(proofText)));
}

export function hadOne(proof: Fields): boolean {
  const [first] = list(proof["results"]).map(fields);
  return first?.["reason"] !== CLOSED;
}

export function roundOf(said: Fields): Round {
  const running = fields(parseExact(text(said["running"])));
  const number = (name: string, usual: number) => Number(whole(running[name] ?? usual));
  const sources = list(running["sources"] ?? [{ name: "desk", kind: "manual" }]).map(fields);
  const calendar = text(running["calendar"] ?? "XNAS");
  return {
    symbol: text(said["symbol"]),
    code: text(said["code"]),
    calendar,
    closed: list(running["closed"] ?? []).map(text),
    tellsAll: number("form", 1) >= FORM || whole(said["opens_at_ns"]) >= TELLS_ALL_FROM,
    names: sources.map((each) => text(each["name"])).toSorted((one, other) => (one < other ? -1 : 1)),
    people: sources.filter((each) => each["kind"] === "manual").map((each) => text(each["name"])),
    quorum: number("quorum", 1),
    tolerance: BigInt(number("tolerance_bps", 10)),
    jump: BigInt(number("jump_bps", 2_000)),
    grace: BigInt(number("grace_s", 1_800)) * SECOND,
    intervalS: calendar.startsWith("every:") ? Number(calendar.slice("every:".length)) : undefined,
    lockBeforeS: number("lock_before_close_s", 1),
    opensAt: whole(said["opens_at_ns"]),
    locksAt: whole(said["locks_at_ns"]),
    settlesAt: whole(said["settles_at_ns"]),
  };
}

/** Return how sources date the close of a session. Throws for a code that is none. */
export function dated(round: Round, code: string): string {
  const at = momentOfCode(code, round.intervalS !== undefined);
  if (round.intervalS === undefined) return new Date(at).toISOString().slice(0, 10);
  return new Date(at + round.lockBeforeS * 1000).toISOString().replace(".000Z", "Z");
}

export function momentOfCode(code: string, isMoment: boolean): number {
  const form = isMoment ? /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)$/ : /^(\d{4})(\d\d)(\d\d)$/;
  const found = form.exec(code);
  if (!found) throw new Error(`${code} is no round of its calendar`);
  const [year, month, day, hour, minute, second] = found.slice(1).map(Number);
  const at = Date.UTC(year ?? 0, (month ?? 1) - 1, day, hour ?? 0, minute ?? 0, second ?? 0);
  // 30 February would be a day in March.
  if (codeOf(at, isMoment) !== code) throw new Error(`${code} is no round of its calendar`);
  return at;
}

function codeOf(at: number, isMoment: boolean): string {
  return new Date(at)
    .toISOString()
    .replace(/[-:]/g, "")
    .slice(0, isMoment ? 15 : 8);
}

/** Return the code of the interval before, passing over whole days that are closed. */
export function intervalBefore(round: Round, intervalS: number, closed: readonly string[]): string {
  let at = momentOfCode(round.code, true) - intervalS * 1000;
  while (closed.includes(new Date(at).toISOString().slice(0, 10))) at -= intervalS * 1000;
  return codeOf(at, true);
}
