import { delimiter } from 'node:path';
import type { z } from 'zod';
import type {
  ConverterConfig,
  GatewayConfig,
  JanitorConfig,
  NotifierConfig,
  StreamConfig,
  UsersConfig,
} from './config.ts';
import { createLogger } from './logger.ts';
import { systemClock } from './ports/clock.ts';
import type { ConversionStore } from './ports/conversion-store.ts';
import type { FileStore } from './ports/file-store.ts';
import type { LinkSigner } from './ports/link-signer.ts';
import type { Mailer } from './ports/mailer.ts';
import type { Queue } from './ports/queue.ts';
import type { TokenVerifier } from './ports/token-verifier.ts';
import type { Transcoder } from './ports/transcoder.ts';
import { loadConfig } from './read-config.ts';

/**
 * The only file that knows every adapter. A URL's scheme picks one, and only that one is loaded. Each
 * function has a composer of its own, so that its bundle holds nothing but what it may use.
 */

export const TOKEN_PARTIES = { issuer: 'soundlift', audience: 'soundlift-api' };

/** A function's settings, with what they refer to. Only then is anything of AWS loaded. */
export function loadSettings<Shape extends z.ZodObject>(schema: Shape): Promise<z.infer<Shape>> {
  return loadConfig(schema, async (references) => {
    const { readAwsSecrets } = await import('./adapters/secrets/aws.ts');
    return readAwsSecrets(references);
  });
}

async function openFileStore(url: string): Promise<FileStore> {
  if (url.startsWith('disk:')) {
    const { createDiskFileStore } = await import('./adapters/files/disk.ts');
    return createDiskFileStore({ directory: pathOf(url) });
  }
  const { createGridfsFileStore } = await import('./adapters/files/gridfs.ts');
  return createGridfsFileStore({ url });
}

async function openConversionStore(url: string): Promise<ConversionStore> {
  if (url.startsWith('sqlite:')) {
    const { createSqliteConversionStore } = await import('./adapters/conversions/sqlite.ts');
    return createSqliteConversionStore({ path: pathOf(url) });
  }
  const { createMongoConversionStore } = await import('./adapters/conversions/mongo.ts');
  return createMongoConversionStore({ url });
}

export async function openQueue(url: string): Promise<Queue> {
  if (url.startsWith('embedded:')) {
    const { createEmbeddedQueue } = await import('./adapters/queue/embedded.ts');
    return createEmbeddedQueue({ path: pathOf(url) });
  }
  if (url.startsWith('sqs:')) {
    const { createSqsQueue } = await import('./adapters/queue/sqs.ts');
    return createSqsQueue({ url });
  }
  const { createRabbitmqQueue } = await import('./adapters/queue/rabbitmq.ts');
  return createRabbitmqQueue({ url });
}

async function openMailer(config: NotifierConfig): Promise<Mailer> {
  const { createSmtpMailer } = await import('./adapters/mail/smtp.ts');
  return createSmtpMailer({ url: config.MAIL_URL, from: config.MAIL_FROM });
}

async function openTranscoder(config: ConverterConfig): Promise<Transcoder> {
  const { findFfmpeg } = await import('./adapters/transcoder/find-ffmpeg.ts');
  const { createFfmpegTranscoder } = await import('./adapters/transcoder/ffmpeg.ts');
  const ffmpegPath = findFfmpeg({
    ffmpegPath: config.FFMPEG_PATH,
    layerDirectories: config._LAMBDA_LAYERS_DIRS.split(delimiter).filter(Boolean),
    searchPath: config.PATH,
  });
  return createFfmpegTranscoder({ ffmpegPath });
}

async function openTokenVerifier(jwks: GatewayConfig['TOKEN_PUBLIC_KEYS']): Promise<TokenVerifier> {
  const { createJoseTokenVerifier } = await import('./adapters/tokens/jose.ts');
  return createJoseTokenVerifier({
    jwks,
    ...TOKEN_PARTIES,
    clock: systemClock,
  });
}

async function openLinkSigner(secret: string): Promise<LinkSigner> {
  const { createHmacLinkSigner } = await import('./adapters/links/hmac.ts');
  return createHmacLinkSigner({ secret });
}

async function openStores(config: JanitorConfig) {
  return {
    files: await openFileStore(config.FILES_URL),
    conversions: await openConversionStore(config.CONVERSIONS_URL),
    queue: await openQueue(config.QUEUE_URL),
    clock: systemClock,
  };
}

export async function composeGateway(config: GatewayConfig) {
  const stores = await openStores(config);
  return {
    ...stores,
    tokens: await openTokenVerifier(config.TOKEN_PUBLIC_KEYS),
    links: await openLinkSigner(config.LINK_SECRET),
    streamUrl: config.STREAM_URL,
    publicUrl: config.PUBLIC_URL,
    maxUploadBytes: config.MAX_UPLOAD_BYTES,
    quota: {
      bytes: config.QUOTA_BYTES,
      conversionsPerDay: config.QUOTA_CONVERSIONS_PER_DAY,
      conversionsAtOnce: config.QUOTA_CONVERSIONS_AT_ONCE,
    },
    logger: createLogger({ name: 'gateway', level: config.LOG_LEVEL }),
    probes: [
      { part: 'files', ping: () => stores.files.ping() },
      { part: 'conversions', ping: () => stores.conversions.ping() },
      { part: 'queue', ping: () => stores.queue.ping() },
      { part: 'users', ping: () => pingUsers(config.PUBLIC_URL) },
    ],
  };
}

export async function composeStream(config: StreamConfig) {
  return {
    files: await openFileStore(config.FILES_URL),
    conversions: await openConversionStore(config.CONVERSIONS_URL),
    links: await openLinkSigner(config.LINK_SECRET),
    maxBytes: config.STREAM_MAX_BYTES,
    clock: systemClock,
    logger: createLogger({ name: 'stream', level: config.LOG_LEVEL }),
  };
}

/** *gateway* cannot reach the users' database, and need not: it asks the function that can. */
async function pingUsers(publicUrl: string): Promise<void> {
  const answer = await fetch(`${publicUrl}/api/v1/auth/health`, {
    signal: AbortSignal.timeout(5_000),
  });
  if (!answer.ok) throw new Error(`users answered ${answer.status}`);
}

export async function composeUsers(config: UsersConfig) {
  const { openUsersDatabase } = await import('./adapters/users/database.ts');
  const { createSqlUserStore } = await import('./adapters/users/sql-user-store.ts');
  const { createSqlSessionStore } = await import('./adapters/users/sql-session-store.ts');
  const { createSqlAttemptStore } = await import('./adapters/users/sql-attempt-store.ts');
  const { createBcryptPasswordHasher } = await import('./adapters/passwords/bcrypt.ts');
  const { createJoseTokenSigner } = await import('./adapters/tokens/jose.ts');
  const database = openUsersDatabase({ url: config.USERS_URL });
  return {
    users: createSqlUserStore(database),
    sessions: createSqlSessionStore(database),
    attempts: createSqlAttemptStore(database),
    attemptLimits: {
      signInsPerAccount: config.SIGN_INS_PER_ACCOUNT,
      signInsPerAddress: config.SIGN_INS_PER_ADDRESS,
      signInWindowMs: config.SIGN_IN_WINDOW,
      registrationsPerAddress: config.REGISTRATIONS_PER_ADDRESS,
    },
    passwords: createBcryptPasswordHasher({ cost: 12 }),
    tokens: createJoseTokenSigner({
      privateJwk: config.TOKEN_PRIVATE_KEY,
      ...TOKEN_PARTIES,
    }),
    verifier: await openTokenVerifier(config.TOKEN_PUBLIC_KEYS),
    adminEmails: config.ADMIN_EMAILS,
    clock: systemClock,
    logger: createLogger({ name: 'users', level: config.LOG_LEVEL }),
  };
}

export async function composeConverter(config: ConverterConfig) {
  return {
    ...(await openStores(config)),
    transcoder: await openTranscoder(config),
    audioRetentionMs: config.AUDIO_RETENTION,
    videoRetentionMs: config.VIDEO_RETENTION,
    maxAudioBytes: config.MAX_AUDIO_BYTES,
    logger: createLogger({ name: 'converter', level: config.LOG_LEVEL }),
  };
}

export async function composeNotifier(config: NotifierConfig) {
  return {
    conversions: await openConversionStore(config.CONVERSIONS_URL),
    queue: await openQueue(config.QUEUE_URL),
    mailer: await openMailer(config),
    links: await openLinkSigner(config.LINK_SECRET),
    linkTtlMs: config.LINK_TTL,
    publicUrl: config.PUBLIC_URL,
    clock: systemClock,
    logger: createLogger({ name: 'notifier', level: config.LOG_LEVEL }),
  };
}

export async function composeJanitor(config: JanitorConfig) {
  return {
    ...(await openStores(config)),
    logger: createLogger({ name: 'janitor', level: config.LOG_LEVEL }),
  };
}

/** `sqlite:./data/users.sqlite` → `./data/users.sqlite`. */
function pathOf(url: string): string {
  return url.slice(url.indexOf(':') + 1);
}
