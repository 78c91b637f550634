#!/usr/bin/env node
/** `rabbitmq-event-source`: feeds the mappings that a Lambda API knows, until SIGTERM or Ctrl-C. */
import { createAwsApi } from './aws-api.ts';
import { type CommandOptions, HELP, parseCommandOptions } from './command-options.ts';
import { createLambdaInvoker } from './lambda-invoker.ts';
import { watchMappings } from './mapping-watcher.ts';
import { type PollerLog, startPoller } from './poller.ts';
import { createRabbitmqSource } from './rabbitmq-source.ts';
import { createRequestSigner } from './sign-request.ts';

const log: PollerLog = {
  notice: (line) => process.stdout.write(`${line}\n`),
  warning: (line) => process.stderr.write(`${line}\n`),
};

async function run(options: CommandOptions, signal: AbortSignal): Promise<void> {
  const { endpoint, broker, region, intervalMs, concurrency, stopTimeoutMs } = options;
  const sign = createRequestSigner({ region, ...options.credentials });
  const invoke = createLambdaInvoker({ endpoint, sign });
  const { protocol, host } = new URL(broker);
  const every = `every ${intervalMs / 1000} s`;
  log.notice(
    `Looking for mappings of Amazon MQ at ${endpoint}, region ${region}, ${every}; their broker is ${protocol}//${host}`,
  );
  await watchMappings({
    call: createAwsApi({ endpoint, sign, signal }),
    ...{ broker, intervalMs, log, signal },
    startPolling(mapping, url) {
      const source = createRabbitmqSource({ url });
      const poller = startPoller({ source, invoke, mappings: [mapping], concurrency, log });
      return {
        async stop() {
          await poller.stop(stopTimeoutMs);
          await source.close();
        },
      };
    },
  });
  log.notice('Stopped');
}

try {
  const options = parseCommandOptions(process.argv.slice(2), process.env);
  if (options === undefined) {
    process.stdout.write(`${HELP}\n`);
  } else {
    const stop = new AbortController();
    // A second signal ends the process at once; the broker puts back what was in flight.
    for (const name of ['SIGINT', 'SIGTERM'] as const) {
      process.once(name, () => {
        log.notice('Stopping, when what is in flight has ended');
        stop.abort();
      });
    }
    await run(options, stop.signal);
  }
} catch (error) {
  log.warning(error instanceof Error ? error.message : String(error));
  process.exitCode = 2;
}
