/** The AMQP basic properties; one that the publisher did not set is missing. */
export interface SourceMessageProperties {
  readonly contentType?: string | undefined;
  readonly contentEncoding?: string | undefined;
  /** Values as amqplib decodes them: strings, numbers, tables as objects, `{ '!': 'timestamp', value }`. */
  readonly headers?: Readonly<Record<string, unknown>> | undefined;
  readonly deliveryMode?: number | undefined;
  readonly priority?: number | undefined;
  readonly correlationId?: string | undefined;
  readonly replyTo?: string | undefined;
  readonly expiration?: string | undefined;
  readonly messageId?: string | undefined;
  /** In seconds since 1970. */
  readonly timestamp?: number | undefined;
  readonly type?: string | undefined;
  readonly userId?: string | undefined;
  readonly appId?: string | undefined;
  readonly clusterId?: string | undefined;
}

export interface SourceMessage {
  readonly properties: SourceMessageProperties;
  readonly body: Uint8Array;
  /** True when the message has been received before and was not acknowledged. */
  readonly redelivered: boolean;
}

/** Messages that were taken together. Exactly one of `ack` and `requeue` is called, once, unless empty. */
export interface SourceBatch {
  readonly messages: readonly SourceMessage[];
  /** Removes the messages for good. */
  ack(): Promise<void>;
  /** Puts the messages back; they come again with `redelivered: true`. */
  requeue(): Promise<void>;
}

export interface ReceiveOptions {
  readonly queue: string;
  readonly virtualHost: string;
  readonly batchSize: number;
  /** How long to wait for the batch to fill, from its first message on. */
  readonly windowMs: number;
  /**
   * Says whether a message is for the function. A source that can removes one that is not for good, and
   * does not count it; a batch of nothing else may also be returned.
   */
  readonly accepts: (message: SourceMessage) => boolean;
  readonly signal: AbortSignal;
}

/** Where messages come from. What is not settled when the source or its process ends is put back. */
export interface MessageSource {
  /**
   * Resolves with 1 to `batchSize` messages whose event fits into an invocation
   * (`RECORDS_LIMIT_BYTES`), or with an empty batch when the signal fires or after a while. Rejects
   * when the source cannot be reached; the caller waits and calls again.
   */
  receive(options: ReceiveOptions): Promise<SourceBatch>;
  /** Called once, after every `receive` has ended and every batch is settled. */
  close(): Promise<void>;
}
