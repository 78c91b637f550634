/** What is written as `code` within a line; blocks of code are left out. */
export function codeSpans(markdown: string): string[] {
  const prose = markdown.replace(/^```[\s\S]*?^```/gm, '');
  return [...prose.matchAll(/`([^`\n]+)`/g)].flatMap(([, code]) => (code ? [code] : []));
}

/** The targets of links that lead to a file beside this one, without their fragments. */
export function relativeLinks(markdown: string): string[] {
  const targets = [...markdown.matchAll(/\]\(([^)\s#]+)(?:#[^)]*)?\)/g)];
  return targets.flatMap(([, target]) => (target && !/^[a-z]+:/.test(target) ? [target] : []));
}

/** What stands under a heading of the second level, up to the next. */
export function section(markdown: string, heading: string): string {
  const sections = markdown.split(/^## /m);
  return sections.find((text) => text.startsWith(`${heading}\n`)) ?? '';
}

/** The cells of every row of the tables in a text, without heads; `code` loses its backticks. */
export function tableRows(markdown: string): string[][] {
  const rows = markdown.split('\n').filter((line) => line.startsWith('| `'));
  return rows.map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim().replace(/^`([^`]*)`$/, '$1')),
  );
}
