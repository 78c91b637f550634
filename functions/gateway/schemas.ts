import { z } from '@hono/zod-openapi';
import type { Conversion } from '../../src/domain/conversion.ts';
import { BITRATE_MAX_KBPS, BITRATE_MIN_KBPS } from '../../src/domain/media.ts';

const exampleId = '0199e0a8-7f1c-7c5e-9d55-3f7c2c3f9a10';

export const fileIdParam = z.object({
  id: z.uuid().openapi({ param: { name: 'id', in: 'path' }, example: exampleId }),
});

export const uploadForm = z.object({
  video: z
    .instanceof(File, { message: 'must be a file' })
    .openapi({ type: 'string', format: 'binary', description: 'The video, or any sound file.' }),
  bitrate: z.coerce.number().int().min(BITRATE_MIN_KBPS).max(BITRATE_MAX_KBPS).optional().openapi({
    description: 'Constant bitrate in kbit/s. Without it: variable, LAME’s V2 (about 190).',
    example: 192,
  }),
});

export const acceptedSchema = z
  .object({
    file_id: z.uuid().openapi({ example: exampleId }),
    filename: z.string().openapi({ example: 'holiday.mp4' }),
    status: z.string().openapi({ example: 'queued' }),
  })
  .openapi('AcceptedUpload');

export const conversionSchema = z
  .object({
    file_id: z.uuid().openapi({ example: exampleId }),
    filename: z.string().openapi({ example: 'holiday.mp4' }),
    status: z.enum(['uploading', 'queued', 'converting', 'ready', 'failed', 'expired']),
    progress: z.number().min(0).max(1).openapi({ example: 0.42 }),
    bitrate: z.int().nullable().openapi({ description: 'As asked for; null: variable, V2.' }),
    video_size_bytes: z.int().openapi({ example: 7340032 }),
    audio_size_bytes: z.int().nullable().openapi({ example: 1468006 }),
    duration_seconds: z.number().nullable().openapi({ example: 61.42 }),
    warnings: z.array(z.string()).openapi({ example: ['source-ended-early'] }),
    error: z.object({ code: z.string(), detail: z.string() }).nullable(),
    attempts: z.int().openapi({ example: 1 }),
    created_at: z.iso.datetime(),
    updated_at: z.iso.datetime(),
    expires_at: z.iso.datetime().nullable(),
  })
  .openapi('Conversion');

export const pageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(20).openapi({ example: 20 }),
  cursor: z.uuid().optional().openapi({ description: '`next` of the page before.' }),
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
export function toConversionView(conversion: Conversion): z.infer<typeof conversionSchema> {
  const { audio, error } = conversion;
  return {
    file_id: conversion.id,
    filename: conversion.video.fileName,
    status: conversion.state === 'deleting' ? 'expired' : conversion.state,
    progress: conversion.progress,
    bitrate: conversion.options.bitrateKbps ?? null,
    video_size_bytes: conversion.video.sizeBytes,
    audio_size_bytes: audio?.sizeBytes ?? null,
    duration_seconds: toThreeDecimals(audio?.durationSeconds ?? conversion.source?.durationSeconds),
    warnings: [...conversion.warnings],
    error: error ? { code: error.code, detail: error.message } : null,
    attempts: conversion.attempts,
    created_at: conversion.createdAt.toISOString(),
    updated_at: conversion.updatedAt.toISOString(),
    expires_at: conversion.expiresAt?.toISOString() ?? null,
  };
}

/** Milliseconds are enough: what is behind them is the sample rate. */
function toThreeDecimals(seconds: number | undefined): number | null {
  return seconds === undefined ? null : Math.round(seconds * 1000) / 1000;
}
