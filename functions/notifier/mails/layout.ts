import type { Mail } from '../../../src/ports/mailer.ts';

export type MailContent = Pick<Mail, 'subject' | 'text' | 'html'>;

/** What a mail is made of. Text and HTML come from the same parts, and so say the same. */
export interface MailDraft {
  readonly subject: string;
  readonly heading: string;
  readonly parts: readonly MailPart[];
}

export type MailPart =
  | { readonly paragraph: string }
  /** Names and values. */
  | { readonly facts: readonly (readonly [name: string, value: string])[] }
  | { readonly link: { readonly label: string; readonly url: string } }
  /** Something to type into a terminal. */
  | { readonly command: string };

const SUBJECT_MAX_CHARACTERS = 120;

// No colour is set but where it reads well on light and dark alike: the rest is the reader's own.
const STYLES = {
  body: 'margin:0;padding:24px 16px;color-scheme:light dark;font:16px/1.5 system-ui,sans-serif',
  main: 'max-width:560px;margin:0 auto',
  heading: 'margin:0 0 16px;font-size:22px;line-height:1.3',
  paragraph: 'margin:0 0 16px',
  facts: 'margin:0 0 16px;border-collapse:collapse',
  name: 'padding:2px 16px 2px 0;text-align:left;vertical-align:top;font-weight:600',
  value: 'padding:2px 0;overflow-wrap:anywhere',
  link: 'display:inline-block;padding:10px 20px;border-radius:6px;background:#0b6b50;color:#ffffff;font-weight:600;text-decoration:none',
  command:
    'margin:0 0 16px;padding:12px;border:1px solid #808080;border-radius:6px;font:14px/1.5 ui-monospace,monospace;white-space:pre-wrap;overflow-wrap:anywhere',
  footer:
    'margin:24px 0 0;padding:12px 0 0;border-top:1px solid #808080;font-size:14px;line-height:1.5',
} as const;

const FOOTER = 'Soundlift sent you this mail because you uploaded a video.';

/** Makes both forms of a mail. The draft is plain text; escaping is done here and nowhere else. */
export function layOut({ subject, heading, parts }: MailDraft): MailContent {
  return {
    subject: shorten(oneLine(subject), SUBJECT_MAX_CHARACTERS),
    text: `${[heading, ...parts.map(textOf), `-- \n${FOOTER}`].join('\n\n')}\n`,
    html: page(oneLine(heading), parts.map(htmlOf).join('\n')),
  };
}

/**
 * Text of others as one line without what can end a header, fake a paragraph, or turn the text
 * around it (Unicode's bidirectional controls).
 */
export function oneLine(text: string): string {
  return text
    .replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .replace(/[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '')
    .trim();
}

/** Cuts in the middle, so that a file's extension stays. Never cuts through a character. */
export function shorten(text: string, maxCharacters: number): string {
  const characters = [...text];
  if (characters.length <= maxCharacters) return text;
  const kept = maxCharacters - 1;
  const tail = Math.floor(kept / 3);
  return [...characters.slice(0, kept - tail), '…', ...characters.slice(-tail)].join('');
}

function textOf(part: MailPart): string {
  if ('paragraph' in part) return part.paragraph;
  if ('command' in part) return `    ${part.command}`;
  if ('link' in part) return `${part.link.label}:\n${part.link.url}`;
  const width = Math.max(...part.facts.map(([name]) => name.length));
  return part.facts.map(([name, value]) => `${`${name}:`.padEnd(width + 2)}${value}`).join('\n');
}

function htmlOf(part: MailPart): string {
  if ('paragraph' in part)
    return `<p style="${STYLES.paragraph}">${escapeHtml(part.paragraph)}</p>`;
  if ('command' in part) return `<pre style="${STYLES.command}">${escapeHtml(part.command)}</pre>`;
  if ('link' in part) {
    const { label, url } = part.link;
    const link = `<a href="${escapeHtml(url)}" style="${STYLES.link}">${escapeHtml(label)}</a>`;
    return `<p style="${STYLES.paragraph}">${link}</p>`;
  }
  const rows = part.facts.map(
    ([name, value]) =>
      `<tr><th scope="row" style="${STYLES.name}">${escapeHtml(name)}</th><td style="${STYLES.value}">${escapeHtml(value)}</td></tr>`,
  );
  return `<table style="${STYLES.facts}">\n${rows.join('\n')}\n</table>`;
}

function page(heading: string, content: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(heading)}</title>
</head>
<body style="${STYLES.body}">
<main style="${STYLES.main}">
<h1 style="${STYLES.heading}">${escapeHtml(heading)}</h1>
${content}
<p style="${STYLES.footer}">${escapeHtml(FOOTER)}</p>
</main>
</body>
</html>
`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}
