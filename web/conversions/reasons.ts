import type { Words } from '../words/en.ts';

/** Why it failed, and what to do, by the code of docs/api.md. */
export function failureText(words: Words, code: string | undefined): string {
  const texts: Readonly<Record<string, string>> = words.failure;
  return texts[code ?? ''] ?? words.failureOther;
}

/** What its owner should know of an MP3; a warning that the page does not know yet is left to the mail. */
export function warningTexts(words: Words, warnings: readonly string[]): string[] {
  const texts: Readonly<Record<string, string>> = words.warning;
  return warnings.flatMap((warning) => texts[warning] ?? []);
}
