import type { BenchRun } from '../command.ts';

export interface TransferBench extends BenchRun {
  /** For files of this run; removed after it. */
  readonly directory: string;
}

/** One half of the report, as Markdown. */
export interface Section {
  readonly title: string;
  readonly parts: readonly string[];
}

/** Behind a figure that has an aim. */
export function judged(isReached: boolean): string {
  return isReached ? ', reached' : ', **not reached**';
}
