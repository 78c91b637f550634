import { describe, expect, it } from 'vitest';
import {
  type Conversion,
  claimed,
  dueAt,
  expired,
  failed,
  finished,
  interrupted,
  isDue,
  isRedrivable,
  isVideoSpent,
  notified,
  progressed,
  queued,
  redriven,
  released,
  requeued,
  videoRemoved,
} from '../../src/domain/conversion.ts';
import { inState, LEASE, later, NOW, STATES, someConversion } from '../support/conversions.ts';

const RESULT = {
  audio: { key: 'key', sizeBytes: 1_000, durationSeconds: 60 },
  source: { durationSeconds: 60 },
  made: { how: 'copied' } as const,
  warnings: [],
  expiresAt: later(1_000),
};
const leaseOf = (token: string, fromMs: number) => ({ token, until: later(fromMs + 30_000) });

describe('the history of a conversion', () => {
  it('has every state, when it began, and why', () => {
    let conversion = queued(someConversion(), 7, later(1));
    conversion = claimed(conversion, leaseOf('one', 2), later(2));
    conversion = progressed(conversion, leaseOf('one', 3), { progress: 0.5 }, later(3));
    conversion = released(conversion, 'one', later(4), 'unavailable');
    conversion = claimed(conversion, leaseOf('two', 5), later(5));
    conversion = interrupted(conversion, 'two', later(6));
    conversion = claimed(conversion, leaseOf('three', 7), later(7));
    conversion = requeued(conversion, later(60_000));
    conversion = claimed(conversion, leaseOf('four', 60_001), later(60_001));
    conversion = finished(conversion, 'four', RESULT, later(60_002));
    conversion = expired(notified(conversion, later(60_003)), later(60_004));
    expect(conversion.history).toStrictEqual([
      { state: 'uploading', at: NOW },
      { state: 'queued', at: later(1) },
      { state: 'converting', at: later(2), attempt: 1 },
      { state: 'queued', at: later(4), reason: 'unavailable' },
      { state: 'converting', at: later(5), attempt: 2 },
      { state: 'queued', at: later(6), reason: 'out-of-time' },
      { state: 'converting', at: later(7), attempt: 2 },
      { state: 'queued', at: later(60_000), reason: 'lease-ran-out' },
      { state: 'converting', at: later(60_001), attempt: 3 },
      { state: 'ready', at: later(60_002) },
      { state: 'expired', at: later(60_004) },
    ]);
  });

  it('has a converter that takes over from one that has died', () => {
    const dead = inState('converting');
    const taken = claimed(dead, leaseOf('two', 30_000), LEASE.until);
    expect(taken.history?.at(-1)).toEqual({ state: 'converting', at: LEASE.until, attempt: 2 });
  });

  it('says by what code it failed', () => {
    const error = { code: 'no-audio', message: 'the video has no sound' } as const;
    const given = failed(inState('converting'), error, later(9), later(1));
    expect(given.history?.at(-1)).toEqual({ state: 'failed', at: later(1), reason: 'no-audio' });
  });

  it('keeps how it began and the latest 50 changes', () => {
    let conversion: Conversion = queued(someConversion(), 7, later(0));
    for (let round = 1; round <= 100; round += 1) {
      conversion = claimed(conversion, leaseOf('t', round), later(round));
      conversion = released(conversion, 't', later(round));
    }
    expect(conversion.history).toHaveLength(51);
    expect(conversion.history?.[0]).toEqual({ state: 'uploading', at: NOW });
    expect(conversion.history?.at(-2)).toEqual({
      state: 'converting',
      at: later(100),
      attempt: 100,
    });
  });

  it('begins with the next change in a record from before there was one', () => {
    const { history, ...old } = someConversion();
    expect(history).toHaveLength(1);
    expect(queued(old, 7, later(1)).history).toEqual([{ state: 'queued', at: later(1) }]);
  });
});

describe('a conversion that is tried again by hand', () => {
  const exhausted = (code: 'attempts-exhausted' | 'out-of-time' | 'no-audio') =>
    notified(
      failed(inState('converting'), { code, message: 'no' }, later(9_000), later(1)),
      later(2),
    );

  it.each(['attempts-exhausted', 'out-of-time'] as const)('is as new after %s', (code) => {
    const given = redriven(exhausted(code), later(3));
    expect(given).toMatchObject({ state: 'queued', attempts: 0, outbox: 'video.uploaded' });
    for (const gone of ['error', 'expiresAt', 'notifiedAt', 'interruptions', 'lease'] as const) {
      expect(given[gone]).toBeUndefined();
    }
    expect(given.history?.at(-1)).toEqual({ state: 'queued', at: later(3), reason: 'redriven' });
  });

  it('is not when its video was the cause, or is not kept any more', () => {
    for (const hopeless of [exhausted('no-audio'), expired(exhausted('out-of-time'), later(9))]) {
      expect(isRedrivable(hopeless)).toBe(false);
      expect(() => redriven(hopeless, later(10))).toThrow('in other hands');
    }
  });

  it.each(STATES.filter((state) => state !== 'failed'))('is not while it is %s', (state) => {
    expect(isRedrivable(inState(state))).toBe(false);
  });
});

describe('a video that is kept after its conversion', () => {
  const ready = (videoExpiresAt: Date) => {
    const given = finished(
      inState('converting'),
      LEASE.token,
      { ...RESULT, videoExpiresAt },
      later(1),
    );
    return notified({ ...given, outbox: undefined }, later(2));
  };

  it('is due when its time is over, before the MP3', () => {
    const given = ready(later(500));
    expect(dueAt(given)).toEqual(later(500));
    expect(isVideoSpent(given, later(499))).toBe(false);
    expect(isVideoSpent(given, later(500))).toBe(true);
    expect(dueAt(videoRemoved(given, later(500)))).toEqual(later(1_000));
  });

  it('is due when its time is over, after the MP3', () => {
    const given = ready(later(5_000));
    expect(dueAt(given)).toEqual(later(1_000));
    const without = expired(given, later(1_000));
    expect(dueAt(without)).toEqual(later(5_000));
    expect(isDue(videoRemoved(without, later(5_000)), later(9_999_999))).toBe(false);
  });
});
