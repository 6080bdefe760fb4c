import { describe, expect, it } from "vitest";
import { capital, clientName, counted, hasWords } from "@/core";

describe("names of clients", () => {
  it.each([
    [
      "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
      "Chrome on Linux",
    ],
    [
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36 Edg/142.0",
      "Edge on Windows",
    ],
    [
      "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1",
      "Safari on iOS",
    ],
    ["Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0", "Firefox on Android"],
    ["python-httpx/0.28", "python-httpx/0.28"],
    [null, "An unnamed program"],
  ])("of %s is %s", (client, name) => expect(clientName(client)).toBe(name));
});

describe("words", () => {
  it("are found whatever their case, accents and order", () => {
    expect(hasWords("lindt EKSTROM", "Ekström v Lindt", null, "tennis")).toBe(true);
    expect(hasWords("ekstrom golf", "Ekström v Lindt", "tennis")).toBe(false);
    expect(hasWords("", "anything")).toBe(true);
  });

  it("begin with a capital", () => {
    expect(capital("tennis")).toBe("Tennis");
    expect(capital("")).toBe("");
  });

  it("stand for one or for several", () => {
    expect([0, 1, 2].map((count) => counted(count, "bet"))).toEqual(["0 bets", "1 bet", "2 bets"]);
    expect(counted(1n, "minor unit")).toBe("1 minor unit");
    expect(counted(3, "code is", "codes are")).toBe("3 codes are");
  });
});
