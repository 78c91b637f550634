import type { ConsumeMessage } from 'amqplib';
import { RECORDS_LIMIT_BYTES, recordSizeBytes } from './event.ts';
import type { SourceMessage } from './source.ts';

export interface TakeOptions {
  readonly batchSize: number;
  /** How long to wait for the batch to fill, from its first message on. */
  readonly windowMs: number;
  /** How long to wait for a first message. */
  readonly idleMs: number;
  /** Says whether a message is wanted; one that is not is removed. */
  readonly accepts: (message: SourceMessage) => boolean;
  readonly signal: AbortSignal;
}

interface Arrival {
  readonly message: ConsumeMessage;
  readonly sizeBytes: number;
}

/** What the broker has sent on one channel and nobody has taken yet. */
export class Arrivals {
  /** Not yet asked for whether they are wanted. */
  #unsorted: ConsumeMessage[] = [];
  #wanted: Arrival[] = [];
  #wantedBytes = 0;
  /** Whom they are wanted by: two mappings of one queue may take turns. */
  #wantedBy: TakeOptions['accepts'] | undefined;
  #ended = false;
  #failure: Error | undefined;
  #onChange = () => {};
  readonly #remove: (message: ConsumeMessage) => void;

  /** @param remove is given every message that is not wanted */
  constructor(remove: (message: ConsumeMessage) => void) {
    this.#remove = remove;
  }

  /** True when nothing will arrive any more. */
  get ended(): boolean {
    return this.#ended;
  }

  add(message: ConsumeMessage): void {
    this.#unsorted.push(message);
    this.#onChange();
  }

  /** Forgets what is waiting, which the broker delivers again. Takers get the failure, if there is one. */
  end(failure?: Error): void {
    if (this.#ended) return;
    this.#failure = failure;
    this.#ended = true;
    this.#unsorted = [];
    this.#wanted = [];
    this.#wantedBytes = 0;
    this.#onChange();
  }

  /** The next batch; empty when none came, the signal fired or the arrivals ended without a failure. */
  async take(options: TakeOptions): Promise<ConsumeMessage[]> {
    const { batchSize, windowMs, idleMs, accepts, signal } = options;
    // A message is looked at when it comes: "Lambda applies your filter criteria to each new event to
    // determine whether to add it to the current batch".
    const hasSome = () => this.#sort(accepts) > 0;
    await this.#until(hasSome, idleMs, signal);
    const isFull = () =>
      this.#sort(accepts) >= batchSize || this.#wantedBytes > RECORDS_LIMIT_BYTES;
    if (this.#wanted.length > 0) await this.#until(isFull, windowMs, signal);
    if (this.#failure !== undefined) throw this.#failure;
    if (signal.aborted) return [];
    const sizesBytes = this.#wanted.map(({ sizeBytes }) => sizeBytes);
    const batch = this.#wanted.splice(0, batchLength(sizesBytes, batchSize));
    for (const { sizeBytes } of batch) this.#wantedBytes -= sizeBytes;
    return batch.map(({ message }) => message);
  }

  /** @returns how many are wanted so far */
  #sort(accepts: TakeOptions['accepts']): number {
    if (accepts !== this.#wantedBy) {
      this.#unsorted.unshift(...this.#wanted.splice(0).map(({ message }) => message));
      this.#wantedBytes = 0;
      this.#wantedBy = accepts;
    }
    for (const message of this.#unsorted.splice(0)) {
      const sourceMessage = toSourceMessage(message);
      if (accepts(sourceMessage)) {
        const sizeBytes = recordSizeBytes(sourceMessage);
        this.#wanted.push({ message, sizeBytes });
        this.#wantedBytes += sizeBytes;
      } else this.#remove(message);
    }
    return this.#wanted.length;
  }

  #until(isEnough: () => boolean, timeoutMs: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const check = () => {
        if (isEnough() || this.#ended || signal.aborted) finish();
      };
      const finish = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', check);
        this.#onChange = () => {};
        resolve();
      };
      const timer = setTimeout(finish, timeoutMs);
      signal.addEventListener('abort', check);
      this.#onChange = check;
      check();
    });
  }
}

/** How many of the waiting messages make the next batch. One that is too large goes alone, to fail. */
export function batchLength(sizesBytes: readonly number[], batchSize: number): number {
  let totalBytes = 0;
  let length = 0;
  for (const sizeBytes of sizesBytes) {
    totalBytes += sizeBytes;
    if (length === batchSize || (length > 0 && totalBytes > RECORDS_LIMIT_BYTES)) break;
    length += 1;
  }
  return length;
}

export function toSourceMessage({ properties, content, fields }: ConsumeMessage): SourceMessage {
  return { properties, body: content, redelivered: fields.redelivered };
}
