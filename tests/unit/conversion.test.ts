import { describe, expect, it } from 'vitest';
import {
  type Conversion,
  type ConversionState,
  cancelled,
  claimed,
  deleting,
  dueAt,
  expired,
  failed,
  finished,
  isOwedMail,
  newConversion,
  notified,
  progressed,
  published,
  queued,
  released,
  requeued,
  UPLOAD_TIMEOUT_MS,
} from '../../src/domain/conversion.ts';
import { inState, LEASE, later, NOW, STATES } from '../support/conversions.ts';

const NEXT_LEASE = { token: 'token-2', until: later(90_000) };
const ERROR = { code: 'no-audio', message: 'the video has no sound' } as const;
const RESULT = {
  audio: { key: 'key', sizeBytes: 1_000, durationSeconds: 60 },
  source: { durationSeconds: 60 },
  made: { how: 'copied' } as const,
  warnings: [],
  expiresAt: later(1_000_000),
};

const attempt = (transition: (from: Conversion) => Conversion, from: Conversion) => {
  try {
    return transition(from).state;
  } catch (error) {
    expect(error).toMatchObject({ code: 'lease-lost', retry: 'never' });
    return undefined;
  }
};

describe('where a conversion can go', () => {
  it.each<
    [string, (from: Conversion) => Conversion, Partial<Record<ConversionState, ConversionState>>]
  >([
    ['queued', (from) => queued(from, 7, later(1)), { uploading: 'queued' }],
    ['claimed', (from) => claimed(from, NEXT_LEASE, later(1)), { queued: 'converting' }],
    [
      'claimed after the lease has run out',
      (from) => claimed(from, NEXT_LEASE, LEASE.until),
      { queued: 'converting', converting: 'converting' },
    ],
    [
      'progressed',
      (from) => progressed(from, LEASE, { progress: 0.5 }, later(1)),
      { converting: 'converting' },
    ],
    ['released', (from) => released(from, LEASE.token, later(1)), { converting: 'queued' }],
    ['requeued', (from) => requeued(from, later(1)), { queued: 'queued' }],
    [
      'requeued after the lease has run out',
      (from) => requeued(from, LEASE.until),
      { queued: 'queued', converting: 'queued' },
    ],
    ['finished', (from) => finished(from, LEASE.token, RESULT, later(1)), { converting: 'ready' }],
    [
      'failed',
      (from) => failed(from, ERROR, later(9), later(1)),
      { queued: 'failed', converting: 'failed' },
    ],
    [
      'cancelled',
      (from) => cancelled(from, later(1)),
      { uploading: 'cancelled', queued: 'cancelled', converting: 'cancelled' },
    ],
    [
      'expired',
      (from) => expired(from, later(1)),
      { ready: 'expired', failed: 'failed', cancelled: 'cancelled' },
    ],
    [
      'deleting',
      (from) => deleting(from, later(1)),
      Object.fromEntries(STATES.map((state) => [state, 'deleting'])),
    ],
  ])('%s: from there and nowhere else', (_, transition, table) => {
    const ends = STATES.map((state) => [state, attempt(transition, inState(state))]);
    expect(Object.fromEntries(ends.filter(([, end]) => end !== undefined))).toEqual(table);
  });

  it.each([
    ['progressed', (from: Conversion) => progressed(from, NEXT_LEASE, { progress: 0.5 }, later(1))],
    ['released', (from: Conversion) => released(from, NEXT_LEASE.token, later(1))],
    ['finished', (from: Conversion) => finished(from, NEXT_LEASE.token, RESULT, later(1))],
  ])('is not %s by who holds another lease', (_, transition) => {
    expect(attempt(transition, inState('converting'))).toBeUndefined();
  });
});

describe('what a change does to the record', () => {
  it('is cancelled owing nothing, and is looked at again when nobody can be writing any more', () => {
    const owing = { ...inState('queued'), outbox: 'video.uploaded' } as const;
    expect(cancelled(owing, later(5))).toMatchObject({ outbox: undefined, expiresAt: later(5) });
    expect(cancelled(inState('converting'), later(5))).toMatchObject({
      lease: undefined,
      expiresAt: LEASE.until,
    });
    const uploading = cancelled(inState('uploading'), later(5));
    expect(dueAt(uploading)).toEqual(later(UPLOAD_TIMEOUT_MS));
    expect(isOwedMail(uploading)).toBe(false);
    expect(dueAt(expired(uploading, later(9)))).toBeUndefined();
  });

  it('begins with nothing but what was given', () => {
    const owner = { userId: 'user-1', email: 'ada@example.org' };
    const given = { id: 'id-1', owner, options: { bitrateKbps: 192 }, fileName: 'a.mp4' };
    expect(newConversion(given, NOW)).toStrictEqual({
      id: 'id-1',
      revision: 0,
      state: 'uploading',
      owner,
      video: { fileName: 'a.mp4', sizeBytes: 0 },
      options: { bitrateKbps: 192 },
      progress: 0,
      attempts: 0,
      audioKeys: [],
      warnings: [],
      createdAt: NOW,
      updatedAt: NOW,
      history: [{ state: 'uploading', at: NOW }],
    });
  });

  it('counts revisions, notes the time, and leaves the record before as it was', () => {
    const from = inState('uploading');
    const copy = structuredClone(from);
    expect(queued(from, 7, later(5))).toMatchObject({ revision: 1, updatedAt: later(5) });
    expect(from).toStrictEqual(copy);
  });

  it('owes the message of its state until that is published', () => {
    const owing = queued(inState('uploading'), 7, later(1));
    expect(owing).toMatchObject({ outbox: 'video.uploaded', video: { sizeBytes: 7 } });
    expect(published(owing, 'audio.ready', later(2))).toBe(owing);
    expect(published(owing, 'video.uploaded', later(2))).toMatchObject({
      outbox: undefined,
      revision: 2,
    });
  });

  it('begins from nothing with every attempt', () => {
    const first = claimed({ ...inState('queued'), outbox: 'video.uploaded' }, LEASE, later(1));
    expect(first).toMatchObject({ attempts: 1, lease: LEASE, outbox: undefined, progress: 0 });
    const halfway = progressed(
      first,
      { ...LEASE, until: later(60_000) },
      { progress: 0.5 },
      later(2),
    );
    expect(halfway).toMatchObject({ progress: 0.5, lease: { until: later(60_000) } });
    const again = claimed(halfway, NEXT_LEASE, later(60_000));
    expect(again).toMatchObject({ attempts: 2, lease: NEXT_LEASE, progress: 0 });
    expect(released(again, NEXT_LEASE.token, later(60_001))).toMatchObject({
      attempts: 2,
      lease: undefined,
      progress: 0,
    });
  });

  it.each([
    [-1, 0],
    [0.25, 0.25],
    [1.01, 1],
  ])('takes a progress of %d as %d', (given, kept) => {
    expect(progressed(inState('converting'), LEASE, { progress: given }, later(1)).progress).toBe(
      kept,
    );
  });

  it('remembers the key of every attempt', () => {
    const first = claimed(inState('queued'), LEASE, later(1));
    const second = claimed(first, NEXT_LEASE, LEASE.until);
    expect(second.audioKeys).toEqual([`${first.id}.token-1`, `${first.id}.token-2`]);
  });

  it('owes the message again when it is requeued', () => {
    expect(requeued(inState('converting'), LEASE.until)).toMatchObject({
      attempts: 1,
      lease: undefined,
      outbox: 'video.uploaded',
      progress: 0,
    });
  });

  it('has everything about the MP3 when it is finished', () => {
    const ready = finished(inState('converting'), LEASE.token, RESULT, later(1));
    expect(ready).toMatchObject({
      ...RESULT,
      progress: 1,
      lease: undefined,
      outbox: 'audio.ready',
    });
  });

  it('says why it failed, and owes that to its owner', () => {
    const given = failed(inState('converting'), ERROR, later(9), later(1));
    expect(given).toMatchObject({
      error: ERROR,
      expiresAt: later(9),
      lease: undefined,
      outbox: 'conversion.failed',
    });
  });

  it('notes when its owner was told', () => {
    expect(notified(inState('ready'), later(3)).notifiedAt).toEqual(later(3));
  });

  it.each([expired, deleting])('owes nothing after %o', (change) => {
    const ready = finished(inState('converting'), LEASE.token, RESULT, later(1));
    expect(change(ready, later(2)).outbox).toBeUndefined();
  });
});
