/** Figures of records as text: shares in percent, ratios with two digits; what there is not enough for is a dash. */

const NOTHING = "–";

/** Return a share, of which 1 is all, in percent with one digit. */
export function shareText(share: string | null): string {
  return share === null ? NOTHING : `${(Number(share) * 100).toFixed(1)} %`;
}

/** Return a ratio with two digits. */
export function ratioText(ratio: string | null): string {
  return ratio === null ? NOTHING : Number(ratio).toFixed(2);
}
