export interface TransferBench {
  readonly isShort: boolean;
  readonly rounds: number;
  /** For files of this run; removed after it. */
  readonly directory: string;
  readonly signal: AbortSignal;
}

/** One half of the report, as Markdown. */
export interface Section {
  readonly title: string;
  readonly parts: readonly string[];
}
