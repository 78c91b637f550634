import { type Logger, pino } from 'pino';

export type { Logger };

/** What must never be read in a log, wherever in an object it stands. */
const SECRET_PATHS = ['authorization', 'password', 'token', 'access_token', 'refresh_token', 'url'];

/** One JSON object a line on standard output, as CloudWatch and everyone else reads them. */
export function createLogger(given: { readonly name: string; readonly level: string }): Logger {
  return pino({
    name: given.name,
    level: given.level,
    base: { function: given.name },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: {
      paths: SECRET_PATHS.flatMap((path) => [path, `*.${path}`, `*.*.${path}`]),
      censor: '[secret]',
    },
  });
}
