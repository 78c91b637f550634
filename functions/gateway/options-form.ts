import { z } from '@hono/zod-openapi';
import {
  BITRATE_MAX_KBPS,
  BITRATE_MIN_KBPS,
  type ConversionOptions,
  QUALITIES,
} from '../../src/domain/media.ts';

/** No video is longer than this; what is, is a slip. */
const MAX_SECONDS = 7 * 24 * 3600;

const seconds = z.coerce.number().min(0).max(MAX_SECONDS).optional();
const flag = z.stringbool({ truthy: ['true', '1', 'on'], falsy: ['false', '0', ''] }).optional();
const asBoolean = { type: 'boolean' } as const;
const text = z
  .string()
  .trim()
  .min(1, 'must not be empty')
  .max(200)
  .optional()
  .openapi({ pattern: '\\S' });

/** The options of a conversion as form fields: texts, all of them optional. */
export const optionsForm = z
  .object({
    bitrate: z.coerce
      .number()
      .int()
      .min(BITRATE_MIN_KBPS)
      .max(BITRATE_MAX_KBPS)
      .optional()
      .openapi({
        description: 'Constant bitrate in kbit/s, in the place of `quality`.',
        example: 192,
      }),
    quality: z.enum(QUALITIES).optional().openapi({
      description:
        '`voice`: mono, 64 kbit/s. `standard`: variable, LAME’s V2 (about 190); the default. `high`: V0.',
      example: 'standard',
    }),
    mono: flag.openapi({ ...asBoolean, description: 'Mix the channels into one.' }),
    track: z.coerce.number().int().min(0).max(63).optional().openapi({
      description: 'Which of several sound tracks, from 0.',
      example: 0,
    }),
    start: seconds.openapi({ description: 'Where to begin, in seconds.', example: 1.5 }),
    end: seconds.openapi({ description: 'Where to end, in seconds; after `start`.', example: 90 }),
    normalize: flag.openapi({
      ...asBoolean,
      description: 'To −16 LUFS, peaks below −1 dBTP (EBU R 128).',
    }),
    cover: flag.openapi({ ...asBoolean, description: 'Take over the cover picture.' }),
    title: text.openapi({ description: 'Tags in the place of the video’s own.' }),
    artist: text,
    album: text,
  })
  .refine(({ bitrate, quality }) => bitrate === undefined || quality === undefined, {
    path: ['quality'],
    message: 'cannot be combined with bitrate',
  })
  .refine(({ start = 0, end }) => end === undefined || end > start, {
    path: ['end'],
    message: 'must be after start',
  });

/** The words of the API → the domain's. */
export function toConversionOptions(form: z.infer<typeof optionsForm>): ConversionOptions {
  const { bitrate, start, end, ...same } = form;
  const renamed = { bitrateKbps: bitrate, startSeconds: start, endSeconds: end };
  const given = Object.entries({ ...same, ...renamed }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given);
}
