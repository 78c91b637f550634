import { createLambdaInvoker } from './lambda-invoker.ts';
import { openSource } from './open-source.ts';
import { parsePluginOptions } from './plugin-options.ts';
import { type PollerLog, startPoller } from './poller.ts';
import { mappingsOf, type Service } from './service-mappings.ts';

interface Serverless {
  readonly serviceDir: string;
  readonly service: Service & { readonly custom?: Readonly<Record<string, unknown>> };
}

interface OfflineOptions {
  readonly host?: unknown;
  readonly lambdaPort?: unknown;
}

/** Under `serverless offline start`, hands RabbitMQ messages to the functions that listen to them. */
export default class RabbitmqEventSource {
  readonly #serverless: Serverless;
  readonly #cliOptions: OfflineOptions;
  readonly #log: PollerLog;
  #start = () => {};
  #stop = async () => {};

  /**
   * serverless-offline opens its Invoke API in `init` and ends the process in `end`. What can be
   * wrong in serverless.yml is found before: once a server listens, an error no longer ends the CLI.
   */
  readonly hooks = {
    'before:offline:start:init': () => this.#prepare(),
    'after:offline:start:init': () => this.#start(),
    'before:offline:start:end': () => this.#stop(),
  };

  constructor(
    serverless: Serverless,
    cliOptions: OfflineOptions,
    { log }: { readonly log: PollerLog },
  ) {
    this.#serverless = serverless;
    this.#cliOptions = cliOptions;
    this.#log = log;
  }

  async #prepare(): Promise<void> {
    const { service, serviceDir } = this.#serverless;
    const offline = Object(service.custom?.['serverless-offline']);
    const options = parsePluginOptions(service.custom?.['rabbitmqEventSource'], {
      ...offline,
      ...this.#cliOptions,
    });
    const mappings = mappingsOf(service);
    if (mappings.length === 0) return;
    const source = await openSource(options.from, serviceDir);
    const invoke = createLambdaInvoker({ endpoint: options.endpoint });
    const { concurrency, stopTimeoutMs } = options;
    this.#start = () => {
      const poller = startPoller({ source, mappings, invoke, concurrency, log: this.#log });
      this.#stop = async () => {
        await poller.stop(stopTimeoutMs);
        await source.close();
      };
      for (const { queue, virtualHost, functionName } of mappings) {
        this.#log.notice(`Polling ${queue}::${virtualHost} for ${functionName}`);
      }
    };
  }
}
