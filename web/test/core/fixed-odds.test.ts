import { describe, expect, it } from "vitest";
import { combinedOddsText } from "@/core";

describe("the odds of several legs", () => {
  it("are exact where their digits are few", () => {
    expect(combinedOddsText([250], "decimal")).toBe("2.50");
    expect(combinedOddsText([239, 176], "decimal")).toBe("4.2064");
    expect(combinedOddsText([250, 200], "decimal")).toBe("5.00");
    expect(combinedOddsText([250, 150], "decimal")).toBe("3.75");
    expect(combinedOddsText([110, 101, 100], "decimal")).toBe("1.111");
  });

  it("say that they go on", () => {
    expect(combinedOddsText([191, 237, 183], "decimal")).toBe("≈ 8.2839");
    expect(combinedOddsText([101, 101, 101], "decimal")).toBe("≈ 1.0303");
  });

  it("are of hundredths in the other formats", () => {
    expect(combinedOddsText([250, 200], "american")).toBe("+400");
    expect(combinedOddsText([239, 176], "american")).toBe("≈ +321");
    expect(combinedOddsText([250, 200], "fractional")).toBe("4/1");
  });
});
