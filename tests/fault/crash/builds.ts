import type { Conversion } from '../../../src/domain/conversion.ts';
import { Unavailable } from '../../../src/domain/errors.ts';
import type { Message } from '../../../src/domain/messages.ts';
import type { ConversionStore } from '../../../src/ports/conversion-store.ts';
import type { FileStore } from '../../../src/ports/file-store.ts';
import type { Mail, Mailer } from '../../../src/ports/mailer.ts';
import type { Queue } from '../../../src/ports/queue.ts';

interface AllPorts {
  readonly conversions: ConversionStore;
  readonly files: FileStore;
  readonly queue: Queue;
  readonly mailer: Mailer;
}
export type Ports = Partial<AllPorts>;

/** The service as it is, or with one thing done in the wrong order: what the checker has to notice. */
export interface Build {
  ports<Deps extends Ports>(deps: Deps): Deps;
  /** Messages are acknowledged when they have come, and handled then. */
  readonly acknowledgesFirst: boolean;
  afterAnswer(): Promise<void>;
}

type Change = (ports: Ports) => { readonly ports: Ports; afterAnswer?(): Promise<void> };

const CHANGES = {
  real: (ports) => ({ ports }),
  'stores are away once': storesAreAwayOnce,
  'answers before the record is stored': recordsLast,
  'acknowledges before the work is done': (ports) => ({ ports }),
  'claims without a lease that ends': claimsForEver,
  'clears the outbox before it publishes': clearsOutboxFirst,
  'notes the mail before it is sent': notesFirst,
  'keeps what a dead attempt has stored': keepsAttempts,
  'says ready before the MP3 is stored': storesLast,
} satisfies Record<string, Change>;

export type BuildName = keyof typeof CHANGES;

export function buildOf(name: string): Build {
  const [, change] = Object.entries<Change>(CHANGES).find(([known]) => known === name) ?? [];
  if (change === undefined) throw new Error(`there is no build that ${name}`);
  let afterAnswer: (() => Promise<void>) | undefined;
  return {
    acknowledgesFirst: name === 'acknowledges before the work is done',
    afterAnswer: async () => await afterAnswer?.(),
    ports(deps) {
      const changed = change(deps);
      afterAnswer = changed.afterAnswer;
      return new Proxy(deps, {
        get: (target, port) => Reflect.get(changed.ports, port) ?? Reflect.get(target, port),
      });
    },
  };
}

/** Not broken: a store that does not take the first MP3, so that there is something to try again. */
function storesAreAwayOnce({ files }: Ports) {
  if (files === undefined) return { ports: {} };
  const failed = new Set<string>();
  const put: FileStore['put'] = async (file, content, options) => {
    const [conversionId = ''] = file.key.split('.');
    if (file.bucket === 'videos' || failed.has(conversionId)) {
      return await files.put(file, content, options);
    }
    failed.add(conversionId);
    throw new Unavailable('files');
  };
  return { ports: { files: { ...files, put } } };
}

function recordsLast({ conversions }: Ports) {
  if (conversions === undefined) return { ports: {} };
  let held: Conversion | undefined;
  const changed: ConversionStore = {
    ...conversions,
    async create(conversion) {
      held = conversion;
    },
    find: async (id) => (held?.id === id ? held : await conversions.find(id)),
    async replace(next) {
      if (held?.id !== next.id) return await conversions.replace(next);
      held = next;
      return true;
    },
  };
  const afterAnswer = async () => {
    if (held !== undefined) await conversions.create(held);
    held = undefined;
  };
  return { ports: { conversions: changed }, afterAnswer };
}

function claimsForEver({ conversions }: Ports) {
  if (conversions === undefined) return { ports: {} };
  const until = new Date('9999-01-01T00:00:00Z');
  const replace: ConversionStore['replace'] = (next) =>
    conversions.replace(next.lease ? { ...next, lease: { ...next.lease, until } } : next);
  return { ports: { conversions: { ...conversions, replace } } };
}

function clearsOutboxFirst({ conversions, queue }: Ports) {
  if (conversions === undefined || queue === undefined) return { ports: {} };
  let held: Message | undefined;
  const publish: Queue['publish'] = async (message) => {
    held = message;
  };
  const replace: ConversionStore['replace'] = async (next) => {
    const isReplaced = await conversions.replace(next);
    if (isReplaced && held !== undefined && next.outbox === undefined) {
      await queue.publish(held);
      held = undefined;
    }
    return isReplaced;
  };
  return { ports: { conversions: { ...conversions, replace }, queue: { ...queue, publish } } };
}

function notesFirst({ conversions, mailer }: Ports) {
  if (conversions === undefined || mailer === undefined) return { ports: {} };
  let held: Mail | undefined;
  const send: Mailer['send'] = async (mail) => {
    held = mail;
  };
  const replace: ConversionStore['replace'] = async (next) => {
    const isReplaced = await conversions.replace(next);
    if (isReplaced && held !== undefined) await mailer.send(held);
    if (isReplaced) held = undefined;
    return isReplaced;
  };
  return { ports: { conversions: { ...conversions, replace }, mailer: { ...mailer, send } } };
}

function keepsAttempts({ files }: Ports) {
  if (files === undefined) return { ports: {} };
  const remove: FileStore['remove'] = async (file) => {
    if (file.bucket === 'videos') await files.remove(file);
  };
  return { ports: { files: { ...files, remove } } };
}

function storesLast({ files, queue }: Ports) {
  if (files === undefined || queue === undefined) return { ports: {} };
  let store: (() => Promise<unknown>) | undefined;
  const put: FileStore['put'] = async (file, content, options) => {
    if (file.bucket === 'videos') return await files.put(file, content, options);
    const pieces: Uint8Array[] = [];
    for await (const piece of content) pieces.push(piece);
    store = () => files.put(file, ReadableStream.from(pieces), options);
    const contentBytes = pieces.reduce((sum, piece) => sum + piece.byteLength, 0);
    return { sizeBytes: contentBytes + (options?.head?.sizeBytes ?? 0) };
  };
  const publish: Queue['publish'] = async (message) => {
    await queue.publish(message);
    await store?.();
    store = undefined;
  };
  return { ports: { files: { ...files, put }, queue: { ...queue, publish } } };
}
