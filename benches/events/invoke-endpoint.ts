import { once } from 'node:events';
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import type { RabbitmqEvent } from '../../plugins/rabbitmq-event-source/event.ts';

/** What the event source is told to poll. */
export interface BenchMapping {
  readonly queue: string;
  readonly batchSize: number;
  readonly windowSeconds: number;
}

export interface InvokeEndpoint extends AsyncDisposable {
  readonly url: string;
  /** Called with the bodies of each invocation, when it has arrived whole. */
  onInvocation: (bodies: readonly string[]) => void;
}

/** A Lambda API with one mapping, whose function does nothing. */
export async function startInvokeEndpoint(mapping: BenchMapping): Promise<InvokeEndpoint> {
  const record = {
    UUID: mapping.queue,
    EventSourceArn: 'arn:aws:mq:us-east-1:000000000000:broker:bench:b-1',
    FunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:bench',
    State: 'Enabled',
    Queues: [mapping.queue],
    BatchSize: mapping.batchSize,
    MaximumBatchingWindowInSeconds: mapping.windowSeconds,
  };
  const server = createServer(async (request, response) => {
    if (request.method === 'GET') {
      const answer = request.url?.endsWith('/configuration')
        ? { Timeout: 60 }
        : { EventSourceMappings: [record] };
      response.end(JSON.stringify(answer));
      return;
    }
    const event = (await json(request)) as RabbitmqEvent;
    const records = Object.values(event.rmqMessagesByQueue).flat();
    endpoint.onInvocation(records.map(({ data }) => Buffer.from(data, 'base64').toString('utf8')));
    response.end('null');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const endpoint: InvokeEndpoint = {
    url: `http://127.0.0.1:${port}`,
    onInvocation: () => undefined,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return endpoint;
}
