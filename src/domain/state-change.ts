import type { ConversionState } from './conversion.ts';
import type { ErrorCode } from './errors.ts';

/** One step in the life of a conversion, for whoever looks for the reason of what it is now. */
export interface StateChange {
  readonly state: ConversionState;
  readonly at: Date;
  /** Which attempt began with it, counted from 1. */
  readonly attempt?: number | undefined;
  /** Why, where the state does not say it: the code of an error, or what has been done. */
  readonly reason?: ChangeReason | undefined;
}

export type ChangeReason = ErrorCode | 'lease-ran-out' | 'not-begun' | 'redriven';

/** A record lives as long as its owner wants, and a broken store may make it change for ever. */
const MAX_LATEST = 50;

/** The first change is kept for ever, since it says how all began, and of the others the latest 50. */
export function withChange(
  history: readonly StateChange[] | undefined,
  change: StateChange,
): readonly StateChange[] {
  const [first, ...others] = history ?? [];
  if (first === undefined) return [change];
  return [first, ...[...others, change].slice(-MAX_LATEST)];
}
