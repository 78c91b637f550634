import type { SourceMessage } from '../../../plugins/rabbitmq-event-source/source.ts';
import type { MessageName } from '../../../src/domain/messages.ts';
import type { Snapshot } from './history.ts';

/** One message in the hands of the broker's consumer. */
interface Taken {
  readonly message: SourceMessage;
  ack(): Promise<void>;
  /** As the broker does it when its consumer has died. */
  requeue(): Promise<void>;
}

/** The stores that functions run on, and what is to be seen of them without the service. */
export interface World {
  readonly name: string;
  readonly environment: Readonly<Record<string, string>>;
  /** The next message of a queue; one that is to be tried later counts as if that time were over. */
  take(queue: MessageName): Promise<Taken | undefined>;
  look(): Promise<Snapshot>;
  /** From here on the owner's mail server says that there is no such address. */
  refuseMail(): void;
  /** Everything is empty again, and mail is taken. */
  reset(): Promise<void>;
  close(): Promise<void>;
}
