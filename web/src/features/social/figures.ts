/** Figures of records as text: shares in percent, ratios with two digits; what there is not enough for is a dash. */

const NOTHING = "–";

/** Return a share, of which 1 is all, in percent with one digit. */
export function shareText(share: string | null): string {
  return share === null ? NOTHING : `${withSign(Number(share) * 100, 1)} %`;
}

/** Return what was won or lost for each unit that was turned over, in percent; it has a sign, as profit and loss have. */
export function returnText(share: string | null): string {
  return share !== null && Number(share) > 0 ? `+${shareText(share)}` : shareText(share);
}

/** Return a ratio with two digits. */
export function ratioText(ratio: string | null): string {
  return ratio === null ? NOTHING : withSign(Number(ratio), 2);
}

/** Return a number with a minus that is as wide as a plus, where it is below zero. */
function withSign(value: number, digits: number): string {
  const text = Math.abs(value).toFixed(digits);
  return value < 0 && Number(text) > 0 ? `−${text}` : text;
}
