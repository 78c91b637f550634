/** A message in the hands of a receiver, whatever technology it came through. */
export interface Received {
  readonly properties: {
    readonly contentType?: string | undefined;
    readonly deliveryMode?: number | undefined;
    readonly appId?: string | undefined;
    readonly type?: string | undefined;
    readonly messageId?: string | undefined;
    /** Seconds since 1970. */
    readonly timestamp?: number | undefined;
    readonly headers?: Readonly<Record<string, unknown>> | undefined;
  };
  readonly body: Uint8Array;
  readonly redelivered: boolean;
  ack(): Promise<void>;
  requeue(): Promise<void>;
}
