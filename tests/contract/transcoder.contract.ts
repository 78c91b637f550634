import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { MediaSource, Progress, Transcoder } from '../../src/ports/transcoder.ts';
import { bytesSource, drain, failingSource, jobOf } from '../support/media-source.ts';

export interface TranscoderHarness {
  open(): Transcoder;
  /** One whose program is not there. */
  openMissing(): Transcoder;
  usable(): Promise<MediaSource>;
  withoutAudio(): Promise<MediaSource>;
  notMedia(): Promise<MediaSource>;
  /** What the transcoder may have opened and not closed: processes and sockets. */
  held(): Promise<readonly unknown[]>;
}

/** The promises of `Transcoder` about how a conversion runs and ends. */
export function transcoderContract(name: string, harness: TranscoderHarness): void {
  describe(`${name} transcoder`, () => {
    const transcoder = harness.open();
    let held: readonly unknown[];
    beforeAll(async () => {
      held = await harness.held();
    });
    afterEach(async () => {
      // Nothing is given time to go away: it has to be gone when `audio` has ended.
      expect(await harness.held()).toEqual(held);
    });

    describe('to its end', () => runsToItsEnd(harness, transcoder));
    describe('unusable sources', () => refusesUnusableSources(harness, transcoder));
    describe('stopped', () => canBeStopped(harness, transcoder));
  });
}

function runsToItsEnd(harness: TranscoderHarness, transcoder: Transcoder): void {
  it('says what it is, and that it cannot run', async () => {
    expect(await transcoder.version()).toMatch(/^\S.*$/);
    const missing = harness.openMissing();
    await expect(missing.version()).rejects.toMatchObject({ code: 'unavailable', part: 'ffmpeg' });
    const started = missing.toMp3(jobOf(await harness.usable()));
    await expect(started).rejects.toMatchObject({ code: 'unavailable', part: 'ffmpeg' });
  });

  it('holds nothing between its look at the source and the reading of its audio', async () => {
    const before = await harness.held();
    await transcoder.toMp3(jobOf(await harness.usable()));
    expect(await harness.held()).toEqual(before);
  });

  it('knows its result and its head when the audio has ended, not before', async () => {
    const { audio, head, result } = await transcoder.toMp3(jobOf(await harness.usable()));
    expect(() => result()).toThrow('has not ended');
    expect(() => head.complete()).toThrow('has not ended');
    expect(await drain(audio)).toBeGreaterThan(0);
    expect(head.sizeBytes).toBeLessThanOrEqual(768 * 1024);
    expect(head.complete()).toHaveLength(head.sizeBytes);
    expect(result().durationSeconds).toBeGreaterThan(0);
    expect(result().source.audioCodec).toMatch(/^\w+$/);
    expect(result().warnings).toEqual([]);
  });

  it('tells how far it is, up to the end', async () => {
    const told: Progress[] = [];
    const onProgress = (progress: Progress) => void told.push(progress);
    const { audio, result } = await transcoder.toMp3(jobOf(await harness.usable(), { onProgress }));
    await drain(audio);
    const seconds = told.map(({ doneSeconds }) => doneSeconds);
    expect(seconds).toEqual(seconds.toSorted((a, b) => a - b));
    expect(seconds.at(-1)).toBeCloseTo(result().durationSeconds, 0);
    expect(told.at(-1)?.fraction).toBeCloseTo(1, 1);
  });
}

function refusesUnusableSources(harness: TranscoderHarness, transcoder: Transcoder): void {
  const convert = async (source: MediaSource) =>
    drain((await transcoder.toMp3(jobOf(source))).audio);

  it('refuses a source without sound, for good', async () => {
    const refusal = { code: 'no-audio', retry: 'never' };
    await expect(convert(await harness.withoutAudio())).rejects.toMatchObject(refusal);
  });

  it('refuses what is not media and what is empty, for good', async () => {
    const refusal = { code: 'unreadable-media', retry: 'never' };
    await expect(convert(await harness.notMedia())).rejects.toMatchObject(refusal);
    await expect(convert(bytesSource(''))).rejects.toMatchObject(refusal);
  });

  it('passes on the error of a source that cannot be read', async () => {
    const error = new Error('the store is gone');
    const source = await harness.usable();
    await expect(convert(failingSource(source, 0, error))).rejects.toBe(error);
    const inTheMiddle = failingSource(source, source.sizeBytes / 2, error);
    await expect(convert(inTheMiddle)).rejects.toBe(error);
  });
}

function canBeStopped(harness: TranscoderHarness, transcoder: Transcoder): void {
  it('does not begin when its signal has been aborted', async () => {
    const reason = new Error('too late');
    const job = jobOf(await harness.usable(), { signal: AbortSignal.abort(reason) });
    await expect(transcoder.toMp3(job)).rejects.toBe(reason);
  });

  it('ends with the reason of its signal when it is aborted', async () => {
    const reason = new Error('not needed any more');
    const abort = new AbortController();
    const job = jobOf(await harness.usable(), { signal: abort.signal });
    const read = async () => {
      const { audio } = await transcoder.toMp3(job);
      for await (const _ of audio) abort.abort(reason);
    };
    await expect(read()).rejects.toBe(reason);
  });

  it('stops when its reader leaves early or fails', async () => {
    const first = await transcoder.toMp3(jobOf(await harness.usable()));
    for await (const _ of first.audio) break;
    expect(() => first.result()).toThrow('has not ended');
    const second = await transcoder.toMp3(jobOf(await harness.usable()));
    const read = async () => {
      for await (const _ of second.audio) throw new Error('the disk is full');
    };
    await expect(read()).rejects.toThrow('the disk is full');
  });
}
