import type { ConsumeMessage } from 'amqplib';
import { PAYLOAD_LIMIT_BYTES, recordSizeBytes } from './event.ts';
import type { SourceMessage } from './source.ts';

/** Leaves room for what surrounds the records of an event: the ARN and the queue's name. */
const BATCH_LIMIT_BYTES = PAYLOAD_LIMIT_BYTES - 4 * 1024;

export interface TakeOptions {
  readonly batchSize: number;
  /** How long to wait for the batch to fill, from its first message on. */
  readonly windowMs: number;
  /** How long to wait for a first message. */
  readonly idleMs: number;
  readonly signal: AbortSignal;
}

/** What the broker has sent on one channel and nobody has taken yet. */
export class Arrivals {
  #waiting: { readonly message: ConsumeMessage; readonly sizeBytes: number }[] = [];
  #ended = false;
  #failure: Error | undefined;
  #onChange = () => {};

  /** True when nothing will arrive any more. */
  get ended(): boolean {
    return this.#ended;
  }

  add(message: ConsumeMessage): void {
    this.#waiting.push({ message, sizeBytes: recordSizeBytes(toSourceMessage(message)) });
    this.#onChange();
  }

  /** Forgets what is waiting, which the broker delivers again. Takers get the failure, if there is one. */
  end(failure?: Error): void {
    if (this.#ended) return;
    this.#failure = failure;
    this.#ended = true;
    this.#waiting = [];
    this.#onChange();
  }

  /** The next batch; empty when none came, the signal fired or the arrivals ended without a failure. */
  async take({ batchSize, windowMs, idleMs, signal }: TakeOptions): Promise<ConsumeMessage[]> {
    await this.#until(() => this.#waiting.length > 0, idleMs, signal);
    if (this.#waiting.length > 0)
      await this.#until(() => this.#isFull(batchSize), windowMs, signal);
    if (this.#failure !== undefined) throw this.#failure;
    if (signal.aborted) return [];
    return this.#waiting.splice(0, this.#nextLength(batchSize)).map(({ message }) => message);
  }

  #isFull(batchSize: number): boolean {
    const length = this.#nextLength(batchSize);
    return length === batchSize || length < this.#waiting.length;
  }

  #nextLength(batchSize: number): number {
    const sizesBytes = this.#waiting.map(({ sizeBytes }) => sizeBytes);
    return batchLength(sizesBytes, batchSize);
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
    if (length === batchSize || (length > 0 && totalBytes > BATCH_LIMIT_BYTES)) break;
    length += 1;
  }
  return length;
}

export function toSourceMessage({ properties, content, fields }: ConsumeMessage): SourceMessage {
  return { properties, body: content, redelivered: fields.redelivered };
}
