import { describe, expect, it } from 'vitest';
import {
  audioKey,
  type Conversion,
  dueAt,
  holdsLease,
  isClaimable,
  isLeaseAlive,
  isUnderWay,
  needsVideo,
  OVERDUE_AFTER_MS,
  UPLOAD_TIMEOUT_MS,
} from '../../src/domain/conversion.ts';
import { inState, LEASE, later, NOW, STATES, someConversion } from '../support/conversions.ts';

const NEXT_LEASE = { token: 'token-2', until: later(90_000) };

describe('the lease', () => {
  it('is alive until its time, and dead from then on', () => {
    const converting = inState('converting');
    expect(isLeaseAlive(converting, later(29_999))).toBe(true);
    expect(isLeaseAlive(converting, later(30_000))).toBe(false);
    expect(isLeaseAlive(inState('queued'), NOW)).toBe(false);
  });

  it('is held by its token while it converts', () => {
    expect(holdsLease(inState('converting'), LEASE.token)).toBe(true);
    expect(holdsLease(inState('converting'), NEXT_LEASE.token)).toBe(false);
    expect(holdsLease({ ...inState('ready'), lease: LEASE }, LEASE.token)).toBe(false);
  });

  it('keeps others out while it is alive', () => {
    expect(isClaimable(inState('converting'), later(29_999))).toBe(false);
    expect(isClaimable(inState('converting'), later(30_000))).toBe(true);
    expect(isClaimable({ ...inState('converting'), lease: undefined }, NOW)).toBe(true);
  });

  it('names the MP3 that only its holder writes', () => {
    expect(audioKey('id-1', 'token-1')).toBe('id-1.token-1');
    expect(audioKey('id-1', 'token-2')).not.toBe(audioKey('id-1', 'token-1'));
  });
});

describe('what a state means', () => {
  it('its end is open while it is queued or converting', () => {
    expect(STATES.filter((state) => isUnderWay(inState(state)))).toEqual(['queued', 'converting']);
  });

  it('its video may still be read until an end is reached, or when a person may retry', () => {
    const needing = STATES.filter((state) => needsVideo(inState(state)));
    expect(needing).toEqual(['uploading', 'queued', 'converting']);
    const failedWith = (code: 'no-audio' | 'attempts-exhausted') =>
      someConversion({ state: 'failed', error: { code, message: 'why' } });
    expect(needsVideo(failedWith('attempts-exhausted'))).toBe(true);
    expect(needsVideo(failedWith('no-audio'))).toBe(false);
  });
});

describe('when janitor has to look at it', () => {
  const expiresAt = later(9_000_000);
  const week = later(604_800_000);

  it.each<[string, Partial<Conversion>, Date | undefined]>([
    ['uploading', { state: 'uploading' }, later(UPLOAD_TIMEOUT_MS)],
    [
      'queued, message unconfirmed',
      { state: 'queued', outbox: 'video.uploaded' },
      later(OVERDUE_AFTER_MS),
    ],
    ['queued, message confirmed', { state: 'queued' }, later(3_600_000)],
    ['converting', { state: 'converting', lease: LEASE }, LEASE.until],
    ['converting without a lease', { state: 'converting' }, later(OVERDUE_AFTER_MS)],
    [
      'ready, message unconfirmed',
      { state: 'ready', outbox: 'audio.ready', expiresAt },
      later(OVERDUE_AFTER_MS),
    ],
    ['ready', { state: 'ready', expiresAt }, expiresAt],
    ['ready, owner told', { state: 'ready', notifiedAt: NOW, expiresAt: week }, week],
    ['ready, owner not told', { state: 'ready', expiresAt: week }, later(21_600_000)],
    [
      'ready, owner unreachable',
      { state: 'ready', isOwnerUnreachable: true, expiresAt: week },
      week,
    ],
    [
      'failed, message unconfirmed',
      { state: 'failed', outbox: 'conversion.failed', expiresAt },
      later(OVERDUE_AFTER_MS),
    ],
    ['failed', { state: 'failed', expiresAt }, expiresAt],
    ['failed, video removed', { state: 'failed' }, undefined],
    ['expired', { state: 'expired' }, undefined],
    ['deleting', { state: 'deleting', expiresAt }, later(OVERDUE_AFTER_MS)],
  ])('%s', (_, change, expected) => {
    expect(dueAt(someConversion({ updatedAt: NOW, ...change }))).toEqual(expected);
  });
});
