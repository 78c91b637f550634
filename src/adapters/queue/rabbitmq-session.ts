import type { ChannelModel, ConfirmChannel, Options } from 'amqplib';

export interface SessionOptions {
  readonly address: Options.Connect;
  /** For the opening, and again for each answer. */
  readonly timeoutMs: number;
  /** Called once, before anyone who waits for an answer learns that there will be none. */
  readonly onEnd: () => void;
}

/** The session ended under the caller's hands: a new one may well do what this one did not. */
export class SessionLost extends Error {
  override readonly name = 'SessionLost';
}

/** Connects, with one confirm channel; not for longer than the timeout. */
export async function openSession(options: SessionOptions): Promise<RabbitmqSession> {
  // amqplib has no way to drop a connection whose other side is silent; the socket's signal has.
  const socket = new AbortController();
  const timer = setTimeout(() => socket.abort(noAnswer(options.timeoutMs)), options.timeoutMs);
  try {
    const { connect } = await import('amqplib');
    const socketOptions = {
      // Without it Nagle's algorithm makes every confirm wait 40 ms.
      noDelay: true,
      signal: socket.signal,
      clientProperties: { connection_name: 'soundlift' },
    };
    const connection = await connect(options.address, socketOptions);
    connection.on('error', () => undefined); // 'close' follows
    connection.on('close', (cause) => socket.abort(connectionLost(cause)));
    const channel = await connection.createConfirmChannel();
    socket.signal.throwIfAborted();
    return new RabbitmqSession(connection, channel, () => socket.abort(), options);
  } catch (error) {
    if (socket.signal.aborted) throw socket.signal.reason;
    socket.abort();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** One connection with one confirm channel, until it ends for whatever reason. */
export class RabbitmqSession {
  readonly #connection: ChannelModel;
  readonly #channel: ConfirmChannel;
  readonly #destroySocket: () => void;
  readonly #options: SessionOptions;
  readonly #waiting = new Set<(error: Error) => void>();
  #ended: Error | undefined;
  #blocked: Error | undefined;

  constructor(
    connection: ChannelModel,
    channel: ConfirmChannel,
    destroySocket: () => void,
    options: SessionOptions,
  ) {
    this.#connection = connection;
    this.#channel = channel;
    this.#destroySocket = destroySocket;
    this.#options = options;
    this.#listen();
  }

  /**
   * Does something that RabbitMQ answers. Without an answer in time the session ends: what does not
   * answer once is not trusted to answer again.
   *
   * @throws {SessionLost} when the other side closes the connection or the channel meanwhile
   */
  async run<T>(work: (channel: ConfirmChannel) => Promise<T>): Promise<T> {
    const refusal = this.#ended ?? this.#blocked;
    if (refusal !== undefined) throw refusal;
    const { timeoutMs } = this.#options;
    const { promise: interrupted, reject } = Promise.withResolvers<never>();
    this.#waiting.add(reject);
    const timer = setTimeout(() => this.#drop(noAnswer(timeoutMs)), timeoutMs);
    try {
      return await Promise.race([interrupted, work(this.#channel)]);
    } catch (error) {
      // amqplib tells the callbacks before the listeners; the session knows the reason.
      throw this.#ended ?? error;
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(reject);
    }
  }

  async close(): Promise<void> {
    if (this.#ended !== undefined) return;
    this.#end(new Error('the queue has been disposed of'));
    const { promise: closed, resolve } = Promise.withResolvers<void>();
    this.#connection.once('close', () => resolve());
    const timer = setTimeout(this.#destroySocket, this.#options.timeoutMs);
    this.#connection.close().catch(() => resolve());
    await closed;
    clearTimeout(timer);
    this.#destroySocket();
  }

  #listen(): void {
    const lost = (cause?: Error) =>
      this.#drop(new SessionLost('the connection is lost', { cause }));
    this.#connection.on('error', lost);
    this.#connection.on('close', lost);
    this.#channel.on('error', lost);
    // An unroutable message is returned first and confirmed then. The queue it was for is gone, so
    // the topology is not what this session declared: all that waits is rejected, and the next
    // session declares anew.
    this.#channel.on('return', ({ fields }) =>
      this.#drop(new Error(`no queue takes ${fields.routingKey}`)),
    );
    // RabbitMQ reads nothing until memory or disk is free again:
    // https://www.rabbitmq.com/docs/connection-blocked
    this.#connection.on('blocked', (reason) => {
      this.#blocked = new Error(`RabbitMQ takes no messages: ${reason}`);
      this.#interrupt(this.#blocked);
    });
    this.#connection.on('unblocked', () => {
      this.#blocked = undefined;
    });
  }

  #drop(error: Error): void {
    this.#end(error);
    this.#destroySocket();
  }

  #end(error: Error): void {
    if (this.#ended !== undefined) return;
    this.#ended = error;
    this.#options.onEnd();
    this.#interrupt(error);
  }

  #interrupt(error: Error): void {
    for (const reject of this.#waiting) reject(error);
  }
}

function connectionLost(cause?: Error): SessionLost {
  return new SessionLost('the connection is lost', { cause });
}

function noAnswer(timeoutMs: number): Error {
  return new Error(`RabbitMQ has not answered within ${timeoutMs} ms`);
}
