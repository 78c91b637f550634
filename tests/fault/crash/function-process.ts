/**
 * One function in a process of its own, as Lambda would compose it from its settings (the environment), called
 * with real events by messages: `node function-process.ts <function> <build>`. It can be told to die at a
 * point: by SIGKILL, in the very call that gets there.
 */
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { z } from 'zod';
import { createHandler as createConverter } from '../../../functions/converter/handler.ts';
import { createHandler as createGateway } from '../../../functions/gateway/handler.ts';
import { createHandler as createJanitor } from '../../../functions/janitor/handler.ts';
import { createHandler as createNotifier } from '../../../functions/notifier/handler.ts';
import {
  composeConverter,
  composeGateway,
  composeJanitor,
  composeNotifier,
} from '../../../src/compose.ts';
import { FUNCTION_CONFIGS } from '../../../src/config.ts';
import { readConfig } from '../../../src/read-config.ts';
import { buildOf, type Ports } from './builds.ts';
import { orderSchema } from './function-host.ts';
import { type Side, watchedPorts } from './watched-ports.ts';

const [name = '', buildName = ''] = process.argv.slice(2);
const build = buildOf(buildName);
let order = orderSchema.parse({ event: {}, offsetMs: 0, timeLeftMs: 0, counts: {} });
let crossed: { name: string; side: Side }[] = [];

/**
 * Reading, of which only the first time counts: it changes nothing, so that a death at a later one is a death
 * after what was done before it.
 */
const ONLY_FIRST = ['files.readRange', 'files.list', 'conversions.listDue', 'conversions.findAll'];

function cross(label: string, side: Side): void {
  const key = `${label} ${side}`;
  const count = (order.counts[key] ?? 0) + 1;
  order.counts[key] = count;
  if (count > 1 && ONLY_FIRST.some((prefix) => label.startsWith(prefix))) return;
  const point = { name: `${label} #${count}`, side };
  crossed.push(point);
  const { dieAt } = order;
  if (dieAt?.name === point.name && dieAt.side === side) process.kill(process.pid, 'SIGKILL');
}

const clock = { now: () => new Date(Date.now() + order.offsetMs) };
const context = (): Context => ({
  callbackWaitsForEmptyEventLoop: false,
  functionName: name,
  functionVersion: '$LATEST',
  invokedFunctionArn: `arn:aws:lambda:eu-central-1:000000000000:function:${name}`,
  memoryLimitInMB: '512',
  awsRequestId: crypto.randomUUID(),
  logGroupName: name,
  logStreamName: name,
  getRemainingTimeInMillis: () => order.timeLeftMs,
  done: () => undefined,
  fail: () => undefined,
  succeed: () => undefined,
});

type Handle = (event: unknown, context: Context) => Promise<unknown>;

const watched = <Deps extends Ports>(deps: Deps): Deps =>
  build.ports(watchedPorts(deps, clock, cross));

const httpEventSchema = z.custom<APIGatewayProxyEventV2>();

const FUNCTIONS: Readonly<Record<string, () => Promise<Handle>>> = {
  async gateway() {
    const handler = createGateway(
      watched(await composeGateway(readConfig(FUNCTION_CONFIGS.gateway))),
    );
    return (event, context) => handler(httpEventSchema.parse(event), context);
  },
  converter: async () =>
    createConverter(watched(await composeConverter(readConfig(FUNCTION_CONFIGS.converter)))),
  notifier: async () =>
    createNotifier(watched(await composeNotifier(readConfig(FUNCTION_CONFIGS.notifier)))),
  janitor: async () =>
    createJanitor(watched(await composeJanitor(readConfig(FUNCTION_CONFIGS.janitor)))),
};

const handle = await FUNCTIONS[name]?.();
if (handle === undefined) throw new Error(`there is no function ${name}`);

process.on('disconnect', () => process.exit());
process.on('message', async (message) => {
  order = orderSchema.parse(message);
  crossed = [];
  if (build.acknowledgesFirst && name !== 'gateway') {
    await send({ answer: { result: null } });
    await outcomeOf(() => handle(order.event, context()));
  } else {
    const answer = await outcomeOf(() => handle(order.event, context()));
    cross('answer', 'before');
    await send({ answer });
    await build.afterAnswer();
  }
  await send({ done: { counts: order.counts, crossed } });
});
await send({ isReady: true });

async function outcomeOf(call: () => Promise<unknown>) {
  try {
    return { result: (await call()) ?? null };
  } catch (error) {
    return { error: String(error) };
  }
}

function send(message: object): Promise<void> {
  return new Promise((resolve) => {
    process.send?.(message, () => resolve());
  });
}
