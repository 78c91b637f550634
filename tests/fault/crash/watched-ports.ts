import type { Clock } from '../../../src/ports/clock.ts';

/** A moment beside a call of a port: just before it, or when its answer has come. */
export type Side = 'before' | 'after';

/** Called at every such moment, in the order in which the function gets there. */
export type Cross = (label: string, side: Side) => void;

/** What leaves the process; the clock, tokens and links do not. */
const WATCHED = ['conversions', 'files', 'queue', 'mailer', 'transcoder'];

/**
 * What a function is composed of, with every call of its ports seen. A call that is answered by pieces
 * has been answered with the first of them; of one that is given pieces, the first is a moment of its own.
 */
export function watchedPorts<Deps extends object>(deps: Deps, clock: Clock, cross: Cross): Deps {
  const watched = new Map<unknown, unknown>();
  return new Proxy(deps, {
    get(target, name) {
      if (name === 'clock') return clock;
      const port: unknown = Reflect.get(target, name);
      if (!WATCHED.includes(String(name)) || typeof port !== 'object' || port === null) return port;
      const known = watched.get(name) ?? watchedPort(port, String(name), cross);
      watched.set(name, known);
      return known;
    },
  });
}

function watchedPort(port: object, name: string, cross: Cross): object {
  return new Proxy(port, {
    get(target, method) {
      const call: unknown = Reflect.get(target, method);
      if (typeof call !== 'function') return call;
      return (...given: unknown[]) => {
        const label = labelOf(`${name}.${String(method)}`, given);
        const args = given.map((arg) => (isPieces(arg) ? watchedPieces(arg, label, cross) : arg));
        cross(label, 'before');
        const answer: unknown = call.apply(target, args);
        if (isPieces(answer)) return answeredPieces(answer, label, cross);
        if (!(answer instanceof Promise)) return answer;
        return answer.then((value: unknown) => {
          cross(label, 'after');
          return value;
        });
      };
    },
  });
}

/** `conversions.replace queued, owes video.uploaded`: what is done to what, and nothing that is random. */
function labelOf(call: string, [first]: readonly unknown[]): string {
  if (isRenewal()) return `${call} of a renewal`;
  const { bucket, name, state, outbox, notifiedAt, upload } = Object(first);
  if (bucket !== undefined) return `${call} ${bucket}`;
  if (name !== undefined) return `${call} ${name}`;
  if (state === undefined) return call;
  const details = [state];
  if (outbox !== undefined) details.push(`owes ${outbox}`);
  if (notifiedAt !== undefined) details.push('notified');
  if (state === 'uploading' && upload?.lease !== undefined) details.push('leased');
  return `${call} ${details.join(', ')}`;
}

/** The lease is renewed by a timer: how often depends on the machine, and calls are not to be counted by it. */
function isRenewal(): boolean {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 20;
  const { stack = '' } = new Error('where');
  Error.stackTraceLimit = stackTraceLimit;
  return stack.includes('keep-lease.ts');
}

function isPieces(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}

async function* watchedPieces(pieces: AsyncIterable<unknown>, label: string, cross: Cross) {
  let isFirst = true;
  for await (const piece of pieces) {
    if (isFirst) cross(`${label}, first piece`, 'before');
    yield piece;
    if (isFirst) cross(`${label}, first piece`, 'after');
    isFirst = false;
  }
  cross(`${label}, last piece`, 'after');
}

async function* answeredPieces(pieces: AsyncIterable<unknown>, label: string, cross: Cross) {
  let isFirst = true;
  for await (const piece of pieces) {
    if (isFirst) cross(label, 'after');
    isFirst = false;
    yield piece;
  }
}
