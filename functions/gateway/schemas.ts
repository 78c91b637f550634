import { z } from '@hono/zod-openapi';
import type { Conversion } from '../../src/domain/conversion.ts';
import { fileId } from './examples.ts';
import { optionsForm } from './options-form.ts';

/** All of the domain's but `deleting`, which is gone for its owner. */
const VISIBLE_STATES = [
  'uploading',
  'queued',
  'converting',
  'ready',
  'failed',
  'cancelled',
  'expired',
] as const;

export const fileIdParam = z.object({
  id: z.uuid().openapi({ param: { name: 'id', in: 'path' }, example: fileId }),
});

export const downloadQuery = z.object({
  inline: z.enum(['0', '1']).optional().openapi({
    description: '`1`: to be played where it is opened, and not saved (RFC 6266, section 4.2).',
    example: '1',
  }),
});

export const linkQuery = downloadQuery.extend({
  key: z.string().default('').openapi({
    description: 'Signed: the conversion, until when, and which generation of links.',
    example: 'v1.1795600000.0.Ez5yOzU0YjZmN2E4YjljMGQxZTJmM2E0YjVjNmQ3ZTg',
  }),
});

/** RFC 9110, sections 13.1 and 14.2. */
export const downloadHeaders = z.object({
  range: z.string().optional().openapi({ example: 'bytes=0-1023' }),
  'if-range': z.string().optional(),
  'if-match': z.string().optional(),
  'if-none-match': z.string().optional(),
});

export const uploadForm = optionsForm.safeExtend({
  video: z.instanceof(File, { message: 'must be a file' }).openapi({
    type: 'string',
    format: 'binary',
    minLength: 1,
    description: 'The video, or any sound file.',
  }),
});

export const acceptedSchema = z
  .object({
    file_id: z.uuid().openapi({ example: fileId }),
    filename: z.string().openapi({ example: 'holiday.mp4' }),
    status: z.string().openapi({ example: 'queued' }),
  })
  .openapi('AcceptedUpload');

const sourceSchema = z
  .object({
    container: z.string().nullable().openapi({ example: 'mov,mp4,m4a,3gp,3g2,mj2' }),
    codec: z.string().nullable().openapi({ example: 'aac' }),
    bitrate: z.int().nullable().openapi({ example: 128, description: 'kbit/s' }),
    channels: z.string().nullable().openapi({ example: 'stereo' }),
    sample_rate: z.int().nullable().openapi({ example: 44100 }),
    duration_seconds: z.number().nullable().openapi({ example: 61.44 }),
    tracks: z.int().nullable().openapi({ example: 1 }),
  })
  .openapi('Source');

const madeSchema = z
  .object({
    how: z.enum(['copied', 'encoded']),
    as: z.string().nullable().openapi({ example: 'V2' }),
    normalized: z.boolean(),
  })
  .openapi('Made');

export const conversionSchema = z
  .object({
    file_id: z.uuid().openapi({ example: fileId }),
    filename: z.string().openapi({ example: 'holiday.mp4' }),
    status: z.enum(VISIBLE_STATES),
    progress: z.number().min(0).max(1).openapi({ example: 0.42 }),
    seconds_left: z.int().nullable().openapi({
      description: 'While it converts: how long it will take if it goes on like this.',
      example: 12,
    }),
    video_size_bytes: z.int().openapi({ example: 7340032 }),
    audio_size_bytes: z.int().nullable().openapi({ example: 1468006 }),
    duration_seconds: z.number().nullable().openapi({ example: 61.42 }),
    source: sourceSchema.nullable().openapi({ description: 'What was found in the video.' }),
    made: madeSchema.nullable().openapi({ description: 'What was done to its sound.' }),
    warnings: z.array(z.string()).openapi({ example: ['source-ended-early'] }),
    error: z.object({ code: z.string(), detail: z.string() }).nullable(),
    attempts: z.int().openapi({ example: 1 }),
    created_at: z.iso.datetime(),
    updated_at: z.iso.datetime(),
    expires_at: z.iso.datetime().nullable(),
  })
  .openapi('Conversion');

/** A query parameter that may be given more than once comes as a text when it is given once. */
function asList(given: unknown): unknown {
  return typeof given === 'string' ? [given] : given;
}

export const pageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(20).openapi({ example: 20 }),
  cursor: z.uuid().optional().openapi({ description: '`next` of the page before.' }),
  state: z.preprocess(asList, z.array(z.enum(VISIBLE_STATES)).optional()).openapi({
    type: 'array',
    items: { type: 'string', enum: [...VISIBLE_STATES] },
    description: 'Only those in this state; given several times, in one of them.',
    example: ['ready'],
  }),
});

export const pageSchema = z
  .object({
    items: z.array(conversionSchema),
    next: z
      .uuid()
      .nullable()
      .openapi({ description: 'Pass it as `cursor`; null on the last page.' }),
  })
  .openapi('ConversionPage');

const partSchema = z.object({
  status: z.enum(['up', 'down']),
  latency_ms: z.number().openapi({ example: 3 }),
});

export const healthSchema = z
  .object({
    status: z.enum(['ok', 'degraded']),
    parts: z.record(z.string(), partSchema).openapi({
      example: { files: { status: 'up', latency_ms: 2 }, users: { status: 'up', latency_ms: 5 } },
    }),
  })
  .openapi('Health');

export const jwksSchema = z.object({ keys: z.array(z.looseObject({ kid: z.string() })) });

/** A conversion as the API shows it; what is internal (leases, keys, the outbox) stays inside. */
export function toConversionView(
  conversion: Conversion,
  now: Date,
): z.infer<typeof conversionSchema> {
  const { audio, error, expectedReadyAt } = conversion;
  return {
    file_id: conversion.id,
    filename: conversion.video.fileName,
    status: conversion.state === 'deleting' ? 'expired' : conversion.state,
    progress: conversion.progress,
    seconds_left: expectedReadyAt ? Math.max(0, Math.ceil((+expectedReadyAt - +now) / 1000)) : null,
    video_size_bytes: conversion.video.sizeBytes,
    audio_size_bytes: audio?.sizeBytes ?? null,
    duration_seconds: toThreeDecimals(audio?.durationSeconds ?? conversion.source?.durationSeconds),
    source: toSourceView(conversion),
    made: toMadeView(conversion),
    warnings: [...conversion.warnings],
    error: error ? { code: error.code, detail: error.message } : null,
    attempts: conversion.attempts,
    created_at: conversion.createdAt.toISOString(),
    updated_at: conversion.updatedAt.toISOString(),
    expires_at:
      conversion.state === 'cancelled' ? null : (conversion.expiresAt?.toISOString() ?? null),
  };
}

function toSourceView({ source }: Conversion): z.infer<typeof sourceSchema> | null {
  if (source === undefined) return null;
  return {
    container: source.container ?? null,
    codec: source.audioCodec ?? null,
    bitrate: source.bitrateKbps ?? null,
    channels: source.channels ?? null,
    sample_rate: source.sampleRateHz ?? null,
    duration_seconds: toThreeDecimals(source.durationSeconds),
    tracks: source.audioTracks ?? null,
  };
}

function toMadeView({ made }: Conversion): z.infer<typeof madeSchema> | null {
  if (made === undefined) return null;
  if (made.how === 'copied') return { how: 'copied', as: null, normalized: false };
  return { how: 'encoded', as: made.as, normalized: made.normalized ?? false };
}

/** Milliseconds are enough: what is behind them is the sample rate. */
function toThreeDecimals(seconds: number | undefined): number | null {
  return seconds === undefined ? null : Math.round(seconds * 1000) / 1000;
}

export const madeLinkSchema = z
  .object({
    url: z.url().openapi({ description: 'Add `&inline=1` to play it instead of saving it.' }),
    expires_at: z.iso.datetime(),
  })
  .openapi('Link');
