/** Far more than any line that is read for its meaning; a file's metadata can be of any length. */
const MAX_LINE_CHARACTERS = 4_096;

/** Cuts text that comes in pieces into lines. What a line has beyond its limit is thrown away. */
export function splitLines(onLine: (line: string) => void): (text: string) => void {
  let begun = '';
  return (text) => {
    const [first = '', ...others] = text.split('\n');
    begun = (begun + first).slice(0, MAX_LINE_CHARACTERS);
    for (const next of others) {
      onLine(begun);
      begun = next.slice(0, MAX_LINE_CHARACTERS);
    }
  };
}
