import {
  type Conversion,
  type ConversionState,
  newConversion,
} from '../../src/domain/conversion.ts';

export const NOW = new Date('2026-05-04T10:00:00.123Z');

/** The time so many milliseconds after `NOW`. */
export function later(delayMs: number): Date {
  return new Date(NOW.getTime() + delayMs);
}

export const STATES: readonly ConversionState[] = [
  'uploading',
  'queued',
  'converting',
  'ready',
  'failed',
  'cancelled',
  'expired',
  'deleting',
];

/** The lease of a conversion made by `inState('converting')`. */
export const LEASE = { token: 'token-1', until: later(30_000) };

let created = 0;

/** A conversion that has just begun; ids grow from call to call, as UUIDv7 do. */
export function someConversion(change: Partial<Conversion> = {}): Conversion {
  created += 1;
  const id = `01970000-0000-7000-8000-${created.toString(16).padStart(12, '0')}`;
  const owner = { userId: 'user-1', email: 'ada@example.org' };
  return { ...newConversion({ id, owner, options: {}, fileName: 'holiday.mp4' }, NOW), ...change };
}

export function inState(state: ConversionState): Conversion {
  return someConversion({ state, ...(state === 'converting' && { lease: LEASE, attempts: 1 }) });
}

/** A conversion in which every field that can be there is there. */
export function fullConversion(): Conversion {
  return someConversion({
    revision: 7,
    state: 'ready',
    owner: { userId: 'user-1', email: 'ada@example.org' },
    video: { fileName: 'Übung “eins” 🎬.mp4', sizeBytes: 5_000_000_000 },
    options: { bitrateKbps: 192 },
    upload: {
      lengthBytes: 5_000_000_000,
      offsetBytes: 4_294_967_297,
      metadata: 'filename 2021LTA1LTA0VDEwOjAwOjAwLjEyM1o=,2026-05-04T10:00:00.123Z',
      lease: { token: 'token-2', until: later(45_000) },
      expiresAt: later(86_400_000),
    },
    progress: 0.123456789,
    expectedReadyAt: later(60_000),
    attempts: 2,
    lease: { token: 'token-1', until: later(30_000) },
    source: { durationSeconds: 60.04, audioCodec: 'aac', channels: 'stereo', sampleRateHz: 48_000 },
    audio: { key: 'some-key', sizeBytes: 1_440_000, durationSeconds: 60.05 },
    audioKeys: ['another-key', 'some-key'],
    warnings: ['source-ended-early'],
    error: { code: 'no-audio', message: 'the video has no sound' },
    outbox: 'audio.ready',
    notifiedAt: later(1),
    linkGeneration: 3,
    updatedAt: later(2),
    expiresAt: later(3),
    videoExpiresAt: later(2),
    history: [
      { state: 'uploading', at: NOW },
      { state: 'converting', at: later(1), attempt: 2 },
      { state: 'queued', at: later(2), reason: 'out-of-time' },
    ],
  });
}
