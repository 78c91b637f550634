import { Problem } from '../api/problem.ts';
import type { Words } from '../words/en.ts';

/** What to tell a person about it: what it means, and what to do. */
export function problemText(words: Words, error: unknown): string {
  const texts: Readonly<Record<string, string>> = words.problem;
  return (error instanceof Problem && texts[error.code]) || words.problemOther;
}
