import { randomBytes } from 'node:crypto';
import { changeConversion } from '../../src/conversions/change-conversion.ts';
import { type SettleDeps, settleConversion } from '../../src/conversions/settle-conversion.ts';
import {
  audioKey,
  type Conversion,
  claimed,
  failed,
  finished,
  holdsLease,
  interrupted,
  isClaimable,
  isUnderWay,
  MAX_ATTEMPTS,
  MAX_INTERRUPTIONS,
  released,
} from '../../src/domain/conversion.ts';
import {
  type ErrorCode,
  OutOfTime,
  SoundliftError,
  Unavailable,
  UnusableMedia,
} from '../../src/domain/errors.ts';
import type { Transcoder } from '../../src/ports/transcoder.ts';
import { keepLease, LEASE_MS } from './keep-lease.ts';
import { limitSize } from './limit-size.ts';
import { limitTime } from './limit-time.ts';

export interface ConvertDeps extends SettleDeps {
  readonly transcoder: Transcoder;
  /** How long the MP3 is kept. */
  readonly audioRetentionMs: number;
  /** How long the video is kept after its conversion; 0 or absent: it is removed at once. */
  readonly videoRetentionMs?: number | undefined;
  /** How large an MP3 may become; 0 or absent: as large as it does. */
  readonly maxAudioBytes?: number | undefined;
}

/**
 * `skipped`: there was nothing to do, or it has become somebody else's. `put back`: the function's time
 * is over, and another one begins anew.
 */
export type ConvertOutcome = 'ready' | 'failed' | 'skipped' | 'put back';

export interface ConvertInput {
  readonly conversionId: string;
  /** Until the function is ended by force; absent where nothing does that. */
  readonly timeLeftMs?: number | undefined;
}

/**
 * Takes the sound out of an uploaded video. May be called again for the same conversion at any time:
 * only the holder of the lease converts, and only its MP3 becomes the conversion's.
 *
 * @throws whatever may pass (`retry: 'later'`); the conversion is then queued again
 */
export async function convertVideo(
  deps: ConvertDeps,
  input: ConvertInput,
): Promise<ConvertOutcome> {
  const conversion = await claim(deps, input.conversionId);
  if (conversion === undefined) return 'skipped';
  if (conversion.attempts > MAX_ATTEMPTS) {
    await giveUp(deps, conversion.id);
    return 'failed';
  }
  let done: Conversion;
  try {
    done = await transcode(deps, conversion, input.timeLeftMs);
  } catch (error) {
    return await endAttempt(deps, conversion, error);
  }
  await settleConversion(deps, done).catch(undefinedIfRemoved);
  return 'ready';
}

/**
 * Ends a conversion that was tried often enough; its video is kept for the day when the cause is
 * found. Without effect on one that is not under way.
 */
export async function giveUp(deps: ConvertDeps, conversionId: string): Promise<void> {
  const error = {
    code: 'attempts-exhausted',
    message: 'The video could not be converted, although it was tried several times.',
  } as const;
  await fail(deps, conversionId, error);
}

async function claim(deps: ConvertDeps, id: string): Promise<Conversion | undefined> {
  const now = deps.clock.now();
  const lease = { token: randomBytes(16).toString('hex'), until: new Date(+now + LEASE_MS) };
  const conversion = await changeConversion(deps.conversions, id, (current) =>
    isClaimable(current, now) ? claimed(current, lease, now) : current,
  ).catch(undefinedIfRemoved);
  return conversion?.lease?.token === lease.token ? conversion : undefined;
}

async function transcode(
  deps: ConvertDeps,
  conversion: Conversion,
  timeLeftMs: number | undefined,
): Promise<Conversion> {
  const { id, lease, options, video } = conversion;
  if (lease === undefined) throw new Error(`conversion ${id} was claimed without a lease`);
  const source = { bucket: 'videos', key: id } as const;
  const audio = { bucket: 'mp3s', key: audioKey(id, lease.token) } as const;
  await using keeper = keepLease(deps, id, lease.token);
  using time = limitTime(timeLeftMs);
  const signal = AbortSignal.any([keeper.signal, time.signal]);
  const transcoding = await deps.transcoder.toMp3({
    source: {
      sizeBytes: video.sizeBytes,
      readRange: (range) => deps.files.readRange(source, range),
    },
    fileName: video.fileName,
    options,
    signal,
    onProgress: keeper.report,
  });
  const { sizeBytes } = await deps.files.put(
    audio,
    limitSize(transcoding.audio, deps.maxAudioBytes ?? 0),
    {
      head: transcoding.head,
      signal,
    },
  );
  const { durationSeconds, source: facts, made, warnings } = transcoding.result();
  return await changeConversion(deps.conversions, id, (current) => {
    const now = deps.clock.now();
    const result = {
      audio: { key: audio.key, sizeBytes, durationSeconds },
      source: facts,
      made,
      warnings,
      expiresAt: new Date(+now + deps.audioRetentionMs),
      ...(deps.videoRetentionMs && { videoExpiresAt: new Date(+now + deps.videoRetentionMs) }),
    };
    return finished(current, lease.token, result, now);
  });
}

/**
 * What a failed attempt leaves: a conversion that failed for good, one to try again, or somebody
 * else's. The record decides, since the answer to its last change may be what got lost.
 */
async function endAttempt(
  deps: ConvertDeps,
  conversion: Conversion,
  error: unknown,
): Promise<ConvertOutcome> {
  if (error instanceof UnusableMedia) {
    await fail(deps, conversion.id, error);
    return 'failed';
  }
  const token = conversion.lease?.token ?? '';
  const isOutOfTime = error instanceof OutOfTime;
  if (isOutOfTime && (conversion.interruptions ?? 0) + 1 >= MAX_INTERRUPTIONS) {
    await fail(deps, conversion.id, error);
    return 'failed';
  }
  const ownKey = audioKey(conversion.id, token);
  let wasOurs = false;
  const current = await changeConversion(deps.conversions, conversion.id, (found) => {
    wasOurs = holdsLease(found, token);
    if (!wasOurs) return found;
    const now = deps.clock.now();
    return isOutOfTime
      ? interrupted(found, token, now)
      : released(found, token, now, codeOf(error));
  }).catch(undefinedIfRemoved);
  if (current?.audio?.key === ownKey) {
    await settleConversion(deps, current).catch(undefinedIfRemoved);
    return 'ready';
  }
  await deps.files.remove({ bucket: 'mp3s', key: ownKey });
  if (!wasOurs) return 'skipped';
  if (isOutOfTime && current !== undefined) {
    await settleConversion(deps, current);
    return 'put back';
  }
  throw isLostLease(error) ? new Unavailable('conversions', { cause: error }) : error;
}

async function fail(
  deps: ConvertDeps,
  conversionId: string,
  { code, message }: Pick<SoundliftError, 'code' | 'message'>,
): Promise<void> {
  const conversion = await changeConversion(deps.conversions, conversionId, (current) => {
    const now = deps.clock.now();
    const expiresAt = new Date(+now + deps.audioRetentionMs);
    return isUnderWay(current) ? failed(current, { code, message }, expiresAt, now) : current;
  }).catch(undefinedIfRemoved);
  if (conversion?.state === 'failed')
    await settleConversion(deps, conversion).catch(undefinedIfRemoved);
}

function codeOf(error: unknown): ErrorCode {
  return error instanceof SoundliftError ? error.code : 'internal';
}

/** The conversion was removed, cancelled or taken over: whatever it is now, it is not ours. */
function isLostLease(error: unknown): boolean {
  return error instanceof SoundliftError && error.code === 'lease-lost';
}

function undefinedIfRemoved(error: unknown): undefined {
  if (error instanceof SoundliftError && error.code === 'not-found') return undefined;
  throw error;
}
