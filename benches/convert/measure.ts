import { z } from 'zod';
import { median } from '../median.ts';

/** What one conversion took in the converter's process, as that process sees it. */
export const functionMeasureSchema = z.object({
  wallMs: z.number(),
  /** Of the function and of everything that it started. */
  cpuMs: z.number(),
  nodeBytes: z.number(),
  /** Of the video, from the store. */
  readBytes: z.number(),
  /** Until ffmpeg told of progress; until the conversion's record showed it. */
  firstProgressMs: z.number().optional(),
  firstRecordedMs: z.number().optional(),
});

export type FunctionMeasure = z.infer<typeof functionMeasureSchema>;

/** What one conversion took. Plain ffmpeg has no Node, no store and no record. */
export interface Measure extends Partial<FunctionMeasure> {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly ffmpegBytes: number;
  /** From the start of the process until it could have taken an event. */
  readonly coldStartMs?: number | undefined;
  /** What was done to the sound, as the record says. */
  readonly made?: string | undefined;
}

/** Of one medium, converted in one way, over all rounds. */
export interface Result {
  readonly medium: string;
  readonly variant: string;
  readonly sizeBytes: number;
  readonly measures: readonly Measure[];
}

type NumberOf = {
  [Name in keyof Measure]-?: Measure[Name] extends number | undefined ? Name : never;
}[keyof Measure];

/** The median of what was measured; `undefined` when it never was. */
export function medianOf(measures: readonly Measure[], of: NumberOf): number | undefined {
  return median(measures.flatMap((measure) => measure[of] ?? []));
}
