import type { Problem } from '../api/problem.ts';

/** A file on its way from this tab. */
export interface UploadItem {
  readonly id: string;
  readonly fileName: string;
  readonly sizeBytes: number;
  readonly sentBytes: number;
  readonly state: 'waiting' | 'sending' | 'paused' | 'failed' | 'done';
  readonly bytesPerSecond: number | undefined;
  /** Why it is `failed`. */
  readonly problem: Problem | undefined;
  /** As soon as the server has given it an address. */
  readonly conversionId: string | undefined;
}

/** An upload’s id is that of its conversion: docs/uploading.md. */
export function conversionIdOf(uploadUrl: string | undefined): string | undefined {
  return uploadUrl === undefined ? undefined : uploadUrl.split('/').at(-1);
}
