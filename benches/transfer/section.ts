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
