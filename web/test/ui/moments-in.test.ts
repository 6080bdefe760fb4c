import { expect, it } from "vitest";
import { momentsIn } from "@/ui/moments-in";

const VIENNA = new Intl.DateTimeFormat("en-GB", {
  dateStyle: "medium",
  timeStyle: "short",
  timeZone: "Europe/Vienna",
});

it("tells the moments in what the server says in the person's own time", () => {
  expect(momentsIn("50.00 USD more until 2026-12-01T00:00:00Z.", VIENNA)).toBe(
    "50.00 USD more until 1 Dec 2026, 01:00.",
  );
  expect(momentsIn("From 2026-06-01T10:30:00.123456789Z on", VIENNA)).toBe("From 1 Jun 2026, 12:30 on");
});

it("leaves everything else as it is", () => {
  for (const words of ["Round 20261130T052850 is over.", "On 2026-11-30", "2026-13-45T00:00:00Z"])
    expect(momentsIn(words, VIENNA)).toBe(words);
});
