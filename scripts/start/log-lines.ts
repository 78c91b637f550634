import { z } from 'zod';

const entrySchema = z.looseObject({
  level: z.string(),
  time: z.string(),
  function: z.string(),
  msg: z.string(),
});

const errorSchema = z.object({
  message: z.string(),
  stack: z.string().default(''),
  code: z.string().optional(),
});

/** What a reader at a terminal does not need to see again. */
const HIDDEN = new Set(['level', 'time', 'function', 'msg', 'name', 'requestId', 'messageId']);

/**
 * A line of the functions' JSON log as a person reads it: `12:00:01 converter  message handled
 * outcome=ready`. Warnings and lines that are not ours come whole; the host's chatter does not come.
 */
export function readableLine(line: string): string | undefined {
  const entry = parseEntry(line);
  if (entry === undefined) return /warn|error|×/i.test(line) ? line : undefined;
  if (entry.msg === 'request' && entry['path'] === '/health') return undefined;
  const details = Object.entries(entry)
    .filter(([name, value]) => !HIDDEN.has(name) && value !== undefined)
    .map(([name, value]) => (name === 'err' ? readableError(value) : `${name}=${asText(value)}`));
  const level = entry.level === 'info' ? '' : ` ${entry.level.toUpperCase()}`;
  const time = entry.time.slice(11, 19);
  return `${time} ${entry.function.padEnd(9)}${level} ${entry.msg} ${details.join(' ')}`.trimEnd();
}

/** An error that was raised on purpose says enough by its message; another one shows where it rose. */
function readableError(value: unknown): string {
  const error = errorSchema.parse(value);
  return error.code === undefined ? `\n${error.stack}` : `error=${asText(error.message)}`;
}

function asText(value: unknown): string {
  return typeof value === 'string' && !value.includes(' ') ? value : JSON.stringify(value);
}

function parseEntry(line: string): z.infer<typeof entrySchema> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return entrySchema.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}
