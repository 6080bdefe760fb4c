/** A proof that the core's own functions made holds; whatever is changed in it does not. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { checkProof, compareDecimals, type Exact, earlierCodes, parseExact } from "@/core";

/** Real rounds, every change of one thing in their proofs, whole lies, and whether what is left holds. */
interface Vectors {
  readonly before: Readonly<Record<string, string | null>>;
  readonly proofs: Readonly<Record<string, Exact>>;
  readonly cases: readonly {
    readonly round: string;
    readonly what: string;
    readonly changes: readonly { readonly at: readonly (string | number)[]; readonly to?: Exact }[];
    readonly closed?: readonly string[];
    readonly holds: boolean;
  }[];
}

const read = readFileSync(new URL("../../../tests/vectors/round_proofs.json", import.meta.url), "utf-8");
const vectors = parseExact(read) as unknown as Vectors;

/** Return JSON with all digits of whole numbers. */
function written(value: Exact): string {
  if (typeof value === "bigint") return String(value);
  if (Array.isArray(value)) return `[${value.map(written).join(",")}]`;
  if (typeof value === "object" && value !== null)
    return `{${Object.entries(value)
      .map(([name, each]) => `${JSON.stringify(name)}:${written(each)}`)
      .join(",")}}`;
  return JSON.stringify(value);
}

function changed(proof: Exact, changes: Vectors["cases"][number]["changes"]): Exact {
  const other = structuredClone(proof);
  for (const { at, ...change } of changes) {
    // biome-ignore lint/suspicious/noExplicitAny: a proof is walked to any depth.
    let place: any = other;
    for (const step of at.slice(0, -1)) place = place[step];
    const last = at.at(-1) as string | number;
    if ("to" in change) place[last] = change.to;
    else if (Array.isArray(place)) place.splice(last as number, 1);
    else delete place[last];
  }
  return other;
}

const checks = (proof: Exact, code: string, closed: readonly string[] = []) => {
  const before = vectors.before[code];
  return checkProof(
    written(proof),
    "daily",
    code,
    before ? written(vectors.proofs[before] as Exact) : undefined,
    closed,
  );
};

describe("a round's proof", () => {
  test.each(Object.keys(vectors.before))("of %s holds as it is", (code) => {
    const proof = vectors.proofs[code] as Exact;
    expect(checks(proof, code).filter((each) => !each.holds)).toEqual([]);
    expect(checkProof(written(proof), "daily", code).filter((each) => !each.holds)).toEqual([]);
  });

  test("is found to be changed where the command finds it, and nowhere else", () => {
    expect(vectors.cases.length).toBeGreaterThan(500);
    const other = vectors.cases.filter((each) => {
      const proof = changed(vectors.proofs[each.round] as Exact, each.changes);
      return checks(proof, each.round, each.closed).every((one) => one.holds) !== each.holds;
    });
    expect(other).toEqual([]);
  });

  test.each(["{}", "[]", "null", "", "<html>", '{"committed": 5}'])("%j is no proof", (other) => {
    expect(checkProof(other, "daily", "20270312").every((each) => each.holds)).toBe(false);
  });

  test("tells among which rounds the one before is", () => {
    expect(earlierCodes(written(vectors.proofs["20270316"] as Exact))).toEqual(["20270315"]);
    expect(earlierCodes("{}")).toEqual([]);
  });

  const evidence = ["results", 0, "evidence"];
  const correction = {
    result: "down",
    reason: null,
    decided_at: "2027-03-16T00:00:00Z",
    evidence: { by: "operator" },
  };

  test("of a corrected round still tells which the one before is", () => {
    const proof = vectors.proofs["20270312"] as unknown as { results: Exact[] };
    const corrected = changed(proof as unknown as Exact, [
      { at: ["results"], to: [...proof.results, correction] },
    ]);
    expect(earlierCodes(written(corrected))).toEqual(["20270311"]);
  });

  test("owes what its committed form demands, and an earlier form does not", () => {
    const opened = { at: ["committed", "opens_at_ns"], to: 1_700_000_000_000_000_000n };
    const gone = { at: [...evidence, "before"] };
    const running = (vectors.proofs["20270312"] as unknown as { committed: { running: string } }).committed
      .running;
    const demands = (form: string) =>
      checks(
        changed(vectors.proofs["20270312"] as Exact, [
          opened,
          gone,
          { at: ["committed", "running"], to: running.replace('"form":2,', form) },
        ]),
        "20270312",
      ).some((each) => each.text === "It is not said where the reference is from.");
    expect([demands('"form":2,'), demands("")]).toEqual([true, false]);
  });

  test("says that a closed day is an operator's word, and is believed for no other day", () => {
    const said = (closed?: readonly string[]) => {
      const lie = vectors.cases.find(
        (each) => each.what === "void because the exchange did not open, which nobody announced",
      );
      const proof = changed(vectors.proofs["20270312"] as Exact, lie?.changes ?? []);
      return checkProof(written(proof), "daily", "20270312", undefined, closed).filter((each) =>
        each.text.includes("did not open"),
      );
    };
    expect(said()).toEqual([
      { holds: true, text: "The operator's word: void, because XNAS did not open on 2027-03-12." },
    ]);
    expect(said(["2027-03-12"]).map((each) => each.holds)).toEqual([true]);
    expect(said(["2027-03-15"]).map((each) => each.holds)).toEqual([false]);
  });
});

test("whole numbers stay exact, fractions stay numbers, texts stay texts", () => {
  expect(parseExact('{"a":1795813199000000001,"b":0.5,"c":"1795813199000000001","d":12}')).toEqual({
    a: 1795813199000000001n,
    b: 0.5,
    c: "1795813199000000001",
    d: 12,
  });
});

test("prices are compared digit by digit", () => {
  expect([
    compareDecimals("10", "9.99"),
    compareDecimals("1.10", "1.1"),
    compareDecimals("0.0000000000000000001", "0"),
  ]).toEqual([1, 0, 1]);
});
