import { afterEach, describe, expect, it } from "vitest";
import { noteServerTime, serverNow } from "@/core";

const AT = "2026-11-28T16:00:00.000Z";
const TOLD = Date.parse(AT);

afterEach(() => noteServerTime(AT, TOLD, TOLD));

describe("the server's clock", () => {
  it("is ours until it says otherwise", () => {
    expect(serverNow(1_000)).toBe(1_000);
  });

  it("is ahead of ours by what it said, as of half the journey", () => {
    noteServerTime(AT, TOLD - 10_100, TOLD - 9_900);
    expect(serverNow(TOLD - 10_000)).toBe(TOLD);
  });

  it("is not set by a difference that the journey alone explains", () => {
    noteServerTime(AT, TOLD - 900, TOLD + 200);
    expect(serverNow(TOLD)).toBe(TOLD);
  });

  it("is left as it is by what is no time", () => {
    noteServerTime("later", 0, 0);
    expect(serverNow(5)).toBe(5);
  });
});
