/** The server's clock, as far as we know it: what closes at a moment closes by that clock, whatever the one of this device says. */
let offsetMs = 0;

/** Take note of what the server's clock said, and when by ours it was asked and answered. */
export function noteServerTime(at: string, askedMs: number, answeredMs: number): void {
  const told = Date.parse(at);
  if (Number.isNaN(told)) return;
  const found = told - (askedMs + answeredMs) / 2;
  // A difference that the journey alone can explain is none.
  offsetMs = Math.abs(found) <= (answeredMs - askedMs) / 2 ? 0 : found;
}

/** Return the server's time now, in milliseconds since 1970. */
export function serverNow(now: number = Date.now()): number {
  return now + offsetMs;
}
