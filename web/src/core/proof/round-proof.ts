/**
 * Checks a round from its public proof alone, as `evens round verify` does: the commitment is worked out from the terms and
 * every stake, the result from the prices, each payout, the fee and what rounding left over by the published rule.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { type PoolSide, type Sides, winnerGets } from "../slip/pool";
import { counted } from "../text/words";
import { type Exact, parseExact, whole } from "./exact-json";
import { type Fields, fields, list, type ProofCheck, text } from "./fields";
import { checkResults } from "./proven-results";

/** How a round pays, and how its chain is made, in words: what this file does. */
const RULE =
  "Whoever is right has the stake back and shares what the other side staked, less the fee, in " +
  "proportion to the stakes; each share is rounded down to the last digit of the currency. A price " +
  "that is the same is down. Nobody on one of the sides, or a void round: every stake back, no " +
  "fee. The commitment is a chain of SHA-256: first over the lines of what is committed, in their " +
  "order, joined by line feeds; then for each bet in order of its id over the link before (32 " +
  "bytes) and the text 'ID SIDE AMOUNT' with a line feed, the amount in minor units.";
const SCALE_MAX = 12;

interface Stake {
  readonly id: string;
  readonly side: PoolSide;
  readonly minor: bigint;
  readonly paidMinor: bigint | undefined;
}

/**
 * Return every check of a proof, as the text that `GET …/proof` answers with. What is no proof does not hold. `before` is
 * the proof of the round before; without it the reference is only compared with what the proof itself says. `closed` are
 * the days on which the exchange did not open, as the pool lists them now.
 */
export function checkProof(
  text: string,
  pool: string,
  code: string,
  before?: string,
  closed?: readonly string[],
): readonly ProofCheck[] {
  try {
    return check(
      fields(parseExact(text)),
      pool,
      code,
      before === undefined ? undefined : fields(parseExact(before)),
      closed,
    );
  } catch (error) {
    return [
      {
        holds: false,
        text: `This is no proof of a round: ${error instanceof Error ? error.message : String(error)}.`,
      },
    ];
  }
}

function check(
  proof: Fields,
  pool: string,
  code: string,
  before: Fields | undefined,
  closed: readonly string[] | undefined,
): readonly ProofCheck[] {
  const no = (why: string): readonly ProofCheck[] => [{ holds: false, text: why }];
  const said = fields(proof["committed"]);
  if (said["pool"] !== pool || said["code"] !== code)
    return no(`This proof is of round ${String(said["code"])} of ${String(said["pool"])}.`);
  const earlier = before && fields(before["committed"]);
  if (earlier && (earlier["pool"] !== pool || !(text(earlier["code"]) < code)))
    return no(`${String(earlier["code"])} is no round before this one.`);
  const scale = proof["scale"];
  if (typeof scale !== "number" || !Number.isInteger(scale) || scale < 0 || scale > SCALE_MAX)
    return no(`${String(scale)} is no number of digits.`);
  const checks: ProofCheck[] = [
    { holds: proof["rule"] === RULE, text: "The rule is the one by which this was checked." },
  ];
  const [stakes, results] = [list(proof["stakes"]).map(stakeOf), list(proof["results"])];
  const unpaid = proof["fee_minor"] === null && proof["rounding_minor"] === null;
  const commitment = proof["commitment"];
  if (commitment === null && stakes.length === 0 && results.length === 0) {
    const holds = unpaid && proof["locked_at"] === null;
    return [...checks, { holds, text: "The round is open: it commits to terms and stakes when it locks." }];
  }
  checks.push({
    holds: commit(said, stakes) === commitment,
    text: `The terms and ${counted(stakes.length, "stake")} give the commitment ${String(commitment).slice(0, 16)}…`,
  });
  checks.push(...checkResults(proof, before, closed));
  if (results.length === 0) {
    const holds = unpaid && stakes.every((stake) => stake.paidMinor === undefined);
    return [...checks, { holds, text: "The round has no result yet." }];
  }
  const result = text(fields(results.at(-1))["result"]);
  return [...checks, ...checkPayouts(proof, stakes, result, Number(whole(said["fee_bps"])))];
}

/** Return the hash that a round with these terms and stakes commits to (`evens.core.values.commitments`). */
function commit(said: Fields, stakes: readonly Stake[]): string {
  const most = said["max_stake_minor"];
  const lines = [
    text(said["pool"]),
    text(said["code"]),
    whole(said["opens_at_ns"]),
    whole(said["locks_at_ns"]),
    whole(said["settles_at_ns"]),
    text(said["currency"]),
    text(said["name"]),
    text(said["symbol"]),
    whole(said["fee_bps"]),
    whole(said["min_stake_minor"]),
    most === null ? "" : whole(most),
    text(said["running"]),
  ];
  let link = sha256(utf8ToBytes(lines.join("\n")));
  for (const stake of stakes) {
    link = sha256(concatBytes(link, utf8ToBytes(`${stake.id} ${stake.side} ${stake.minor}\n`)));
  }
  return bytesToHex(link);
}

function checkPayouts(
  proof: Fields,
  stakes: readonly Stake[],
  result: string,
  feeBps: number,
): readonly ProofCheck[] {
  const sum = (side: PoolSide) =>
    stakes.reduce((total, stake) => (stake.side === side ? total + stake.minor : total), 0n);
  const sides: Sides = { up: sum("up"), down: sum("down") };
  const isShared = result !== "void" && sides.up > 0n && sides.down > 0n;
  const due = (stake: Stake) =>
    !isShared ? stake.minor : stake.side === result ? winnerGets(sides, stake.side, stake.minor, feeBps) : 0n;
  const wrong = stakes.find((stake) => stake.paidMinor !== due(stake));
  const checks: ProofCheck[] = [
    {
      holds: !wrong,
      text: wrong
        ? `${wrong.id} is paid wrongly.`
        : stakes.length === 1
          ? "The payout is right."
          : `All ${stakes.length} payouts are right.`,
    },
  ];
  if (proof["fee_minor"] === null && proof["rounding_minor"] === null)
    return [...checks, { holds: true, text: "The round is still being paid." }];
  const losing = result === "up" ? sides.down : sides.up;
  const fee = isShared ? (losing * BigInt(feeBps)) / 10_000n : 0n;
  const [saidFee, rounding] = [whole(proof["fee_minor"]), whole(proof["rounding_minor"])];
  const paid = stakes.reduce((total, stake) => total + (stake.paidMinor ?? 0n), 0n);
  checks.push({ holds: saidFee === fee, text: `The fee is ${counted(fee, "minor unit")}.` });
  checks.push({
    holds: paid + saidFee + rounding === sides.up + sides.down,
    text: `Paid ${paid} + fee ${saidFee} + rounding ${rounding} = staked ${sides.up + sides.down}.`,
  });
  return checks;
}

/** Return a number whose sign says which decimal is larger; texts have as many digits as they have. */
export function compareDecimals(one: string, other: string): number {
  const parts = (value: string) => {
    const match = /^([0-9]+)(?:\.([0-9]+))?$/.exec(value);
    if (!match) throw new Error(`${value} is no price`);
    return [match[1] ?? "0", match[2] ?? ""] as const;
  };
  const [wholeOne, fractionOne] = parts(one);
  const [wholeOther, fractionOther] = parts(other);
  const digits = Math.max(fractionOne.length, fractionOther.length);
  const scaled = (upper: string, lower: string) => BigInt(upper + lower.padEnd(digits, "0"));
  const apart = scaled(wholeOne, fractionOne) - scaled(wholeOther, fractionOther);
  return apart > 0n ? 1 : apart < 0n ? -1 : 0;
}

function stakeOf(value: Exact): Stake {
  const stake = fields(value);
  const side = stake["side"];
  if (side !== "up" && side !== "down") throw new Error(`${String(side)} is no side`);
  const minor = whole(stake["amount_minor"]);
  if (minor < 1n) throw new Error(`${minor} is no stake`);
  const paid = stake["payout_minor"];
  return {
    id: text(stake["id"]),
    side,
    minor,
    paidMinor: paid === null ? undefined : whole(paid),
  };
}
