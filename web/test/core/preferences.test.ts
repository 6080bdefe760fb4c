import { describe, expect, it } from "vitest";
import {
  DEFAULT_PREFERENCES,
  keptOf,
  oneClickStake,
  type Preferences,
  preferencesOf,
  stakesIn,
  storedPreferences,
  withoutPerson,
} from "@/core";

const CHOSEN: Preferences = {
  theme: "dark",
  odds: "fractional",
  stakes: { USD: ["3", "7.50"] },
  oneClick: true,
  oneClickStakes: { USD: "2.00" },
  confirmBets: false,
};

describe("preferences", () => {
  it("come back from the server as they were sent", () => {
    expect(preferencesOf(keptOf(CHOSEN), DEFAULT_PREFERENCES)).toEqual(CHOSEN);
  });

  it("keep the look of this browser for whoever never chose one", () => {
    const found = preferencesOf(keptOf(DEFAULT_PREFERENCES), CHOSEN);
    expect(found.theme).toBe("dark");
    expect(found.odds).toBe("fractional");
  });

  it("never take one-click betting over from whoever was here before", () => {
    const found = preferencesOf(keptOf(DEFAULT_PREFERENCES), CHOSEN);
    expect(found.oneClick).toBe(false);
    expect(found.oneClickStakes).toEqual({});
    expect(withoutPerson(CHOSEN)).toEqual({ ...DEFAULT_PREFERENCES, theme: "dark", odds: "fractional" });
  });

  it("are not sent with one click on and nothing to stake, which the server refuses", () => {
    expect(keptOf({ ...CHOSEN, oneClickStakes: {} }).one_click.enabled).toBe(false);
  });

  it("bet with one press only where there is a stake in the market's currency", () => {
    expect(oneClickStake(CHOSEN, "USD")).toBe("2.00");
    expect(oneClickStake(CHOSEN, "EUR")).toBeUndefined();
    expect(oneClickStake({ ...CHOSEN, oneClick: false }, "USD")).toBeUndefined();
    expect(DEFAULT_PREFERENCES.oneClick).toBe(false);
  });

  it("have usual stakes where none were chosen", () => {
    expect(stakesIn(CHOSEN, "USD")).toEqual(["3", "7.50"]);
    expect(stakesIn(CHOSEN, "EUR").length).toBeGreaterThan(0);
    expect(stakesIn({ ...CHOSEN, stakes: { USD: [] } }, "USD").length).toBeGreaterThan(0);
  });

  it.each([
    [null],
    ["nonsense"],
    ["null"],
    ['"text"'],
    ['{"oneClick":"yes"}'],
    ['{"stakes":["2","5"]}'],
    ['{"stakes":null}'],
  ])("are as for everybody where a browser stored %s", (text) => {
    expect(storedPreferences(text)).toEqual(DEFAULT_PREFERENCES);
  });

  it("survive storing", () => {
    expect(storedPreferences(JSON.stringify(CHOSEN))).toEqual(CHOSEN);
  });
});
