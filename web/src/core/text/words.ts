/** Small words about small things, the same wherever they are shown. */

/** Return a text with a capital at its beginning. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Return how many there are of something: `1 bet`, `2 bets`; `many` is the word for several that is made in another way. */
export function counted(count: number | bigint, one: string, many = `${one}s`): string {
  return `${count} ${BigInt(count) === 1n ? one : many}`;
}

/** Whether every word of `words` stands in one of the texts, whatever its case and accents. */
export function hasWords(words: string, ...within: (string | null | undefined)[]): boolean {
  const all = plain(within.filter(Boolean).join(" "));
  return plain(words)
    .split(/\s+/)
    .every((word) => all.includes(word));
}

function plain(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}

const BROWSERS: readonly (readonly [RegExp, string])[] = [
  [/Edg\//, "Edge"],
  [/OPR\//, "Opera"],
  [/Firefox\//, "Firefox"],
  [/Chrome\/|Chromium\//, "Chrome"],
  [/Safari\//, "Safari"],
];
const SYSTEMS: readonly (readonly [RegExp, string])[] = [
  [/iPhone|iPad/, "iOS"],
  [/Android/, "Android"],
  [/Windows/, "Windows"],
  [/Mac OS X|Macintosh/, "macOS"],
  [/CrOS/, "ChromeOS"],
  [/Linux|X11/, "Linux"],
];

/** Return what people call a browser that says this of itself; what is none of those is left as it is. */
export function clientName(client: string | null): string {
  if (!client) return "An unnamed program";
  const first = (names: typeof BROWSERS) => names.find(([sign]) => sign.test(client))?.[1];
  const browser = first(BROWSERS);
  const system = first(SYSTEMS);
  return browser ? (system ? `${browser} on ${system}` : browser) : client;
}
