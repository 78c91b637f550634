import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { describeWithServices } from '../../../tests/support/services.ts';
import { messagesOf, succeed } from './support/invoke-endpoint.ts';
import { type LambdaApi, startLambdaApi } from './support/lambda-api.ts';
import { testVirtualHost } from './support/rabbitmq.ts';

const COMMAND = join(import.meta.dirname, '../command.ts');
const POLL = { timeout: 20_000, interval: 50 };

function startCommand(...args: string[]): ChildProcess & { readonly output: () => string } {
  const child = spawn(process.execPath, [COMMAND, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'] },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
    });
  }
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return Object.assign(child, { output: () => output });
}

describe('rabbitmq-event-source', () => {
  it('shows its options', async () => {
    const command = startCommand('--help');
    const [code] = await once(command, 'close');
    expect(command.output()).toContain('--endpoint <url>');
    expect(code).toBe(0);
  });

  it('ends with a sentence when an option is wrong', async () => {
    const command = startCommand('--broker', 'nonsense');
    const [code] = await once(command, 'close');
    expect(command.output()).toBe('--broker must be an amqp:// or amqps:// URL, not "nonsense"\n');
    expect(code).toBe(2);
  });

  it('says once that nothing answers at the endpoint, and goes on looking', async () => {
    const command = startCommand('--endpoint', 'http://127.0.0.1:1', '--interval', '0.05');
    await expect.poll(command.output, POLL).toContain('http://127.0.0.1:1 does not answer');
    command.kill('SIGTERM');
    const [code] = await once(command, 'close');
    expect(command.output().match(/give its address by --endpoint/g)).toHaveLength(1);
    expect(code).toBe(0);
  });
});

await describeWithServices('a mapping', ['rabbitmq', 'rabbitmqApi'], (urls) => {
  const virtualHost = testVirtualHost(urls);
  let queues = 0;

  async function declaredQueue(): Promise<string> {
    const queue = `commanded-${++queues}`;
    await virtualHost.declareQueue(queue);
    return queue;
  }

  function mappingOf(queue: string, others: object = {}) {
    return {
      UUID: `uuid-of-${queue}`,
      EventSourceArn: 'arn:aws:mq:eu-central-1:000000000000:broker:media:b-1',
      FunctionArn: `arn:aws:lambda:eu-central-1:000000000000:function:${queue}-listener`,
      State: 'Enabled',
      BatchSize: 1,
      Queues: [queue],
      SourceAccessConfigurations: [{ Type: 'VIRTUAL_HOST', URI: virtualHost.name }],
      ...others,
    };
  }

  function addFunction(api: LambdaApi, queue: string, run = succeed): void {
    api.functions.set(`${queue}-listener`, run);
  }

  const bodiesAt = (api: LambdaApi) => () =>
    api.invocations.flatMap(messagesOf).map(({ body }) => body);

  const start = (api: LambdaApi, broker = urls.rabbitmq) =>
    startCommand(
      ...['--endpoint', api.url, '--broker', broker],
      ...['--interval', '0.1', '--region', 'eu-central-1'],
    );

  const withoutCredentials = () => {
    const url = new URL(urls.rabbitmq);
    url.username = '';
    url.password = '';
    return url.href;
  };

  it('is found, on whatever page, and its function invoked by a signed request', async () => {
    const [first, second] = [await declaredQueue(), await declaredQueue()];
    const api = await startLambdaApi();
    const sqs = { UUID: 'of-sqs', EventSourceArn: 'arn:aws:sqs:eu-central-1:000000000000:q' };
    api.mappings.push(mappingOf(first), sqs, mappingOf(second));
    for (const queue of [first, second]) addFunction(api, queue);
    const command = start(api);
    await virtualHost.publish(first, 'one');
    await virtualHost.publish(second, 'two');
    await expect.poll(() => bodiesAt(api)().toSorted(), POLL).toEqual(['one', 'two']);
    expect(command.output()).toContain(
      `Polling ${second}::${virtualHost.name} for ${second}-listener, at most 1 at once, within 0.5 s`,
    );
    expect(api.authorization).toMatch(
      /^AWS4-HMAC-SHA256 Credential=test\/\d{8}\/eu-central-1\/lambda\/aws4_request/,
    );
  });

  it('that comes later is taken up; disabled, enabled and deleted it is as it says', async () => {
    const queue = await declaredQueue();
    const api = await startLambdaApi();
    addFunction(api, queue);
    const command = start(api);
    await expect.poll(command.output, POLL).toContain('Looking for mappings');
    api.mappings.push(mappingOf(queue));
    await virtualHost.publish(queue, 'one');
    await expect.poll(bodiesAt(api), POLL).toEqual(['one']);

    api.mappings[0] = mappingOf(queue, { State: 'Disabled' });
    await expect.poll(command.output, POLL).toContain('-listener: it is disabled');
    await virtualHost.publish(queue, 'two');
    api.mappings[0] = mappingOf(queue, { BatchSize: 5 });
    await expect.poll(bodiesAt(api), POLL).toEqual(['one', 'two']);

    api.mappings[0] = mappingOf(queue, { BatchSize: 7 });
    await expect.poll(command.output, POLL).toContain('at most 7 at once');
    expect(command.output()).toContain('-listener: it has changed');

    api.mappings.pop();
    await expect.poll(command.output, POLL).toContain('-listener: it is deleted');
  });

  it('whose secret has the credentials needs none in the broker’s URL', async () => {
    const queue = await declaredQueue();
    const api = await startLambdaApi();
    addFunction(api, queue);
    const access = [
      { Type: 'VIRTUAL_HOST', URI: virtualHost.name },
      { Type: 'BASIC_AUTH', URI: 'arn:of:the:secret' },
    ];
    api.mappings.push(mappingOf(queue, { SourceAccessConfigurations: access }));
    const command = start(api, withoutCredentials());
    await expect
      .poll(command.output, POLL)
      .toContain('EVENT_SOURCE_AUTHN_ERROR: the secret arn:of:the:secret cannot be read');
    const { username, password } = new URL(urls.rabbitmq);
    api.secrets.set('arn:of:the:secret', JSON.stringify({ username, password }));
    await virtualHost.publish(queue, 'one');
    await expect.poll(bodiesAt(api), POLL).toEqual(['one']);
  });

  it('without a secret says so when the broker’s URL has no credentials either', async () => {
    const queue = await declaredQueue();
    const api = await startLambdaApi();
    addFunction(api, queue);
    api.mappings.push(mappingOf(queue));
    const command = start(api, withoutCredentials());
    await expect
      .poll(command.output, POLL)
      .toContain('give them in --broker amqp://user:password@host');
  });

  it('whose function is missing is looked at again', async () => {
    const queue = await declaredQueue();
    const api = await startLambdaApi();
    api.mappings.push(mappingOf(queue));
    const command = start(api);
    await expect
      .poll(command.output, POLL)
      .toContain(`FUNCTION_CONFIG_NOT_VALID: there is no function ${queue}-listener`);
    const looks = api.looks;
    await expect.poll(() => api.looks, POLL).toBeGreaterThan(looks + 3);
    addFunction(api, queue);
    await virtualHost.publish(queue, 'one');
    await expect.poll(bodiesAt(api), POLL).toEqual(['one']);
    expect(command.output().match(/FUNCTION_CONFIG_NOT_VALID/g)).toHaveLength(1);
  });

  it('that the API shows without its queue is completed from its template', async () => {
    const [queue, disabled] = [await declaredQueue(), await declaredQueue()];
    const api = await startLambdaApi();
    const bare = { Queues: undefined, SourceAccessConfigurations: undefined, BatchSize: 10 };
    api.mappings.push(mappingOf(queue, bare), mappingOf(disabled, bare));
    for (const name of [queue, disabled]) addFunction(api, name);
    const declare = (name: string, others: object = {}) => ({
      Type: 'AWS::Lambda::EventSourceMapping',
      Properties: {
        Queues: [name],
        SourceAccessConfigurations: [
          { Type: 'BASIC_AUTH', URI: { Ref: 'Secret' } },
          { Type: 'VIRTUAL_HOST', URI: virtualHost.name },
        ],
        ...others,
      },
    });
    const Resources = { On: declare(queue), Off: declare(disabled, { Enabled: false }) };
    api.stacks.set('yaml', { template: 'Resources: {}', ids: {} });
    api.stacks.set('json', {
      template: JSON.stringify({ Description: '<&>', Resources }),
      ids: { On: `uuid-of-${queue}`, Off: `uuid-of-${disabled}`, Secret: 'broker-secret' },
    });
    const { username, password } = new URL(urls.rabbitmq);
    api.secrets.set('broker-secret', JSON.stringify({ username, password }));
    const command = start(api, withoutCredentials());
    await virtualHost.publish(queue, 'one');
    await expect.poll(bodiesAt(api), POLL).toEqual(['one']);
    expect(command.output()).toContain('at most 100 at once');
    expect(command.output()).not.toContain(`Polling ${disabled}`);
    const { looks, templatesRead } = api;
    await expect.poll(() => api.looks, POLL).toBeGreaterThan(looks + 3);
    expect(api.templatesRead).toBe(templatesRead);
    const Changed = { ...Resources, Off: declare(disabled) };
    api.stacks.set('json', {
      template: JSON.stringify({ Resources: Changed }),
      ids: { On: `uuid-of-${queue}`, Off: `uuid-of-${disabled}`, Secret: 'broker-secret' },
    });
    await virtualHost.publish(disabled, 'two');
    await expect.poll(bodiesAt(api), POLL).toEqual(['one', 'two']);
  });

  it('without a queue anywhere says so', async () => {
    const api = await startLambdaApi();
    api.mappings.push(mappingOf('nowhere', { Queues: undefined }));
    const command = start(api);
    await expect
      .poll(command.output, POLL)
      .toContain('ESM_CONFIG_NOT_VALID: the mapping uuid-of-nowhere names no queue');
  });

  it('whose template needs more than its resources to be read says so', async () => {
    const api = await startLambdaApi();
    api.mappings.push(mappingOf('parameterised', { Queues: undefined }));
    const Properties = {
      Queues: ['parameterised'],
      SourceAccessConfigurations: [{ Type: 'VIRTUAL_HOST', URI: { Ref: 'AParameter' } }],
    };
    const template = JSON.stringify({ Resources: { On: { Properties } } });
    api.stacks.set('stack', { template, ids: { On: 'uuid-of-parameterised' } });
    const command = start(api);
    await expect
      .poll(command.output, POLL)
      .toContain('the template\'s VIRTUAL_HOST is {"Ref":"AParameter"}; make it a text');
  });

  it('finishes what is in flight on SIGTERM, and takes nothing more', async () => {
    const queue = await declaredQueue();
    const api = await startLambdaApi();
    const open: ServerResponse[] = [];
    addFunction(api, queue, (response) => open.push(response));
    api.mappings.push(mappingOf(queue));
    await virtualHost.publish(queue, 'one');
    await virtualHost.publish(queue, 'two');
    const command = start(api);
    await expect.poll(() => open.length, POLL).toBe(1);
    command.kill('SIGTERM');
    await expect.poll(command.output, POLL).toContain('Stopping');
    open[0]?.end('null');
    const [code] = await once(command, 'close');
    expect(code).toBe(0);
    expect(bodiesAt(api)()).toEqual(['one']);
    await expect.poll(() => virtualHost.readyMessages(queue), POLL).toBe(1);
  });
});
