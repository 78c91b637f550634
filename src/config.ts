import * as z from 'zod';

/**
 * Every setting of every function; src/read-config.ts reads them. A function's schema
 * names what it gets and nothing else; `serverless.yml`, `.env.example` and `docs/configuration.md`
 * are compared with it by tests.
 */

const url = (...schemes: string[]) =>
  z
    .string()
    .refine(
      (value) => schemes.some((scheme) => value.startsWith(`${scheme}:`)),
      `must begin with ${schemes.map((scheme) => `${scheme}:`).join(' or ')}`,
    );

const UNITS_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** `90s`, `15m`, `24h`, `7d` → milliseconds. */
const durationMs = z
  .string()
  .regex(/^[1-9][0-9]{0,5}[smhd]$/, 'must be a number with a unit: 90s, 15m, 24h or 7d')
  .transform((text) => {
    const unit = z.enum(['s', 'm', 'h', 'd']).parse(text.at(-1));
    return Number(text.slice(0, -1)) * UNITS_MS[unit];
  });

const json = z.string().transform((text, context) => {
  try {
    return z.unknown().parse(JSON.parse(text));
  } catch {
    context.addIssue({ code: 'custom', message: 'must be JSON' });
    return z.NEVER;
  }
});

const LOG_LEVEL = z
  .enum(['debug', 'info', 'warn', 'error'])
  .default('info')
  .meta({ description: 'The least severe level that is logged.' });

const PUBLIC_URL = z
  .url({ protocol: /^https?$/ })
  .transform((value) => value.replace(/\/+$/, ''))
  .meta({
    description: 'Where the API is reached from outside; links in mails begin with it.',
    example: 'http://localhost:3000',
  });

const USERS_URL = url('mysql', 'sqlite').meta({
  description: 'Where users are kept: `mysql://…` or `sqlite:<file>`.',
  example: 'mysql://soundlift:soundlift@127.0.0.1:3306/soundlift',
  secret: true,
});

const FILES_URL = url('mongodb', 'mongodb+srv', 'disk').meta({
  description: 'Where videos and MP3s are kept: `mongodb://…` (GridFS) or `disk:<folder>`.',
  example: 'mongodb://127.0.0.1:27017/soundlift',
  secret: true,
});

const CONVERSIONS_URL = url('mongodb', 'mongodb+srv', 'sqlite').meta({
  description: 'Where the records of conversions are kept: `mongodb://…` or `sqlite:<file>`.',
  example: 'mongodb://127.0.0.1:27017/soundlift',
  secret: true,
});

const QUEUE_URL = url('amqp', 'amqps', 'sqs', 'embedded').meta({
  description:
    'What carries messages: `amqp://…` (RabbitMQ, Amazon MQ), `sqs:https://…` or `embedded:<file>`.',
  example: 'amqp://guest:guest@127.0.0.1:5672',
  secret: true,
});

const MAIL_URL = url('smtp', 'smtps').meta({
  description: 'The server that takes mails: `smtp://…` or `smtps://…`.',
  example: 'smtp://127.0.0.1:1025',
  secret: true,
});

const MAIL_FROM = z.string().min(3).default('Soundlift <no-reply@soundlift.example>').meta({
  description: 'The sender of mails.',
});

const TOKEN_PRIVATE_KEY = json
  .pipe(z.looseObject({ kty: z.literal('OKP'), kid: z.string(), d: z.string() }))
  .meta({
    description:
      'The Ed25519 private key that signs access tokens, as JWK. `npm run keys` makes one.',
    example: '{"kty":"OKP","crv":"Ed25519","kid":"…","x":"…","d":"…"}',
    secret: true,
  });

export const tokenPublicKeys = json
  .pipe(z.object({ keys: z.array(z.looseObject({ kid: z.string() })).min(1) }))
  .refine(
    ({ keys }) => new Set(keys.map(({ kid }) => kid)).size === keys.length,
    'has the same kid twice',
  )
  .meta({
    description: 'The public keys that access tokens are verified with, as JWK Set.',
    example: '{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"…","x":"…"}]}',
  });

const ADMIN_EMAILS = z
  .string()
  .default('')
  .transform((list) =>
    list
      .split(',')
      .map((email) => email.trim().toLowerCase())
      .filter((email) => email !== ''),
  )
  .meta({
    description: 'Addresses of administrators, separated by commas; register them first.',
    example: '',
  });

/** 0: no limit. */
const limit = (usual: number) =>
  z
    .string()
    .regex(/^(0|[1-9][0-9]{0,14})$/, 'must be a whole number; 0: no limit')
    .transform(Number)
    .prefault(String(usual));

const SIGN_INS_PER_ACCOUNT = limit(10).meta({
  description: 'How often a window may see sign-ins into one account fail from one address.',
});

const SIGN_INS_PER_ADDRESS = limit(100).meta({
  description: 'How often one address may try to sign in within a window, into any account.',
});

const SIGN_IN_WINDOW = durationMs.prefault('15m').meta({
  description: 'How long sign-ins are counted: `90s`, `15m`, `24h`, `7d`.',
});

const REGISTRATIONS_PER_ADDRESS = limit(20).meta({
  description: 'How many accounts one address may register in an hour.',
});

const AUDIO_RETENTION = durationMs.prefault('7d').meta({
  description: 'How long an MP3 is kept after its conversion: `90s`, `15m`, `24h`, `7d`.',
});

const VIDEO_RETENTION = z
  .string()
  .regex(/^(0|[1-9][0-9]{0,5})[smhd]$/, 'must be a number with a unit: 0s, 90s, 24h or 7d')
  .transform((text) => (text.startsWith('0') ? 0 : durationMs.parse(text)))
  .prefault('0s')
  .meta({
    description: 'How long a video is kept after its conversion; `0s`: it is removed at once.',
  });

const LINK_SECRET = z.string().min(32, 'must have 32 characters at least').meta({
  description: 'What signs the links in mails. `npm run keys` makes one.',
  example: '…',
  secret: true,
});

const LINK_TTL = durationMs.prefault('24h').meta({
  description: 'How long the link of a mail works without signing in: `90s`, `15m`, `24h`, `7d`.',
});

const STREAM_URL = z
  .url({ protocol: /^https?$/ })
  .transform((value) => value.replace(/\/+$/, ''))
  .optional()
  .meta({
    description:
      'Where *stream* is reached: MP3s that are too large for one answer are sent on to it.',
    example: 'https://abcdefghij.lambda-url.eu-central-1.on.aws',
  });

const STREAM_MAX_BYTES = z
  .string()
  .regex(/^[1-9][0-9]{0,14}$/, 'must be a number of bytes')
  .transform(Number)
  .optional()
  .meta({ description: 'The largest answer that the host streams; none: any.' });

const MAX_UPLOAD_BYTES = z.coerce
  .number()
  .int()
  .min(1)
  .max(Number.MAX_SAFE_INTEGER)
  .prefault('5368709120')
  .meta({ description: 'How large an upload in parts may be, in bytes (5 GiB).' });

const QUOTA_BYTES = limit(50 * 1024 ** 3).meta({
  description: 'How many bytes of videos and MP3s one user may have (50 GiB).',
});

const QUOTA_CONVERSIONS_PER_DAY = limit(500).meta({
  description: 'How many conversions one user may begin within 24 hours.',
});

const QUOTA_CONVERSIONS_AT_ONCE = limit(100).meta({
  description: 'How many uploads and conversions of one user may be under way at once.',
});

const FFMPEG_PATH = z.string().min(1).optional().meta({
  description: 'The ffmpeg to use, when it is not the layer’s, this project’s or the system’s.',
});

const MAX_AUDIO_BYTES = limit(2 * 1024 ** 3).meta({
  description: 'How large an MP3 may become, in bytes (2 GiB).',
});

/** Set by the host, not by whoever configures Soundlift. */
const PATH = z.string().default('').meta({ description: 'Where programs are.', ofHost: true });

const _LAMBDA_LAYERS_DIRS = z
  .string()
  .default('')
  .meta({ description: 'Where an emulated cloud has unpacked layers.', ofHost: true });

export const gatewayConfig = z.object({
  LOG_LEVEL,
  PUBLIC_URL,
  FILES_URL,
  CONVERSIONS_URL,
  QUEUE_URL,
  TOKEN_PUBLIC_KEYS: tokenPublicKeys,
  LINK_SECRET,
  STREAM_URL,
  MAX_UPLOAD_BYTES,
  QUOTA_BYTES,
  QUOTA_CONVERSIONS_PER_DAY,
  QUOTA_CONVERSIONS_AT_ONCE,
});

export const streamConfig = z.object({
  LOG_LEVEL,
  FILES_URL,
  CONVERSIONS_URL,
  LINK_SECRET,
  STREAM_MAX_BYTES,
});

export const usersConfig = z
  .object({
    LOG_LEVEL,
    USERS_URL,
    TOKEN_PRIVATE_KEY,
    TOKEN_PUBLIC_KEYS: tokenPublicKeys,
    ADMIN_EMAILS,
    SIGN_INS_PER_ACCOUNT,
    SIGN_INS_PER_ADDRESS,
    SIGN_IN_WINDOW,
    REGISTRATIONS_PER_ADDRESS,
  })
  // Otherwise nobody could use what is signed: when keys are changed, the public one comes first.
  .refine(
    ({ TOKEN_PRIVATE_KEY, TOKEN_PUBLIC_KEYS }) =>
      TOKEN_PUBLIC_KEYS.keys.some(({ kid }) => kid === TOKEN_PRIVATE_KEY.kid),
    { path: ['TOKEN_PUBLIC_KEYS'], message: 'does not hold the key of TOKEN_PRIVATE_KEY' },
  );

export const converterConfig = z.object({
  LOG_LEVEL,
  FILES_URL,
  CONVERSIONS_URL,
  QUEUE_URL,
  AUDIO_RETENTION,
  VIDEO_RETENTION,
  MAX_AUDIO_BYTES,
  FFMPEG_PATH,
  PATH,
  _LAMBDA_LAYERS_DIRS,
});

export const notifierConfig = z.object({
  LOG_LEVEL,
  PUBLIC_URL,
  CONVERSIONS_URL,
  QUEUE_URL,
  MAIL_URL,
  MAIL_FROM,
  LINK_SECRET,
  LINK_TTL,
});

export const janitorConfig = z.object({ LOG_LEVEL, FILES_URL, CONVERSIONS_URL, QUEUE_URL });

export const FUNCTION_CONFIGS = {
  gateway: gatewayConfig,
  stream: streamConfig,
  users: usersConfig,
  converter: converterConfig,
  notifier: notifierConfig,
  janitor: janitorConfig,
} as const;

export type GatewayConfig = z.infer<typeof gatewayConfig>;
export type StreamConfig = z.infer<typeof streamConfig>;
export type UsersConfig = z.infer<typeof usersConfig>;
export type ConverterConfig = z.infer<typeof converterConfig>;
export type NotifierConfig = z.infer<typeof notifierConfig>;
export type JanitorConfig = z.infer<typeof janitorConfig>;
