/** Ends of lines, and whatever else a terminal or a player would obey instead of showing it. */
const CONTROLS = /[\p{Cc}\p{Zl}\p{Zp}]+/gu;
const HALF_A_PAIR_AT_THE_END = /[\uD800-\uDBFF]$/;

/** Text as it may stand on one line: well-formed, without control characters, of limited length. */
export function oneLine(text: string, maxCharacters = Number.POSITIVE_INFINITY): string {
  const line = text.replace(CONTROLS, ' ').trim();
  if (line.length <= maxCharacters) return line.toWellFormed();
  return line.slice(0, maxCharacters).replace(HALF_A_PAIR_AT_THE_END, '').toWellFormed();
}
