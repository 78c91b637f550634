import { createEvent } from '../../../plugins/rabbitmq-event-source/event.ts';
import { type MessageName, QUEUES } from '../../../src/domain/messages.ts';
import { toEvent } from '../../support/http-event.ts';
import type { FunctionHost, FunctionName, Outcome, Point } from './function-host.ts';
import type { Ending, History, Snapshot } from './history.ts';
import { BEARER } from './settings.ts';
import type { World } from './world.ts';

/** A point, and the function that gets there. */
export interface CrashPoint extends Point {
  readonly functionName: FunctionName;
}

const LISTENERS: Readonly<Record<MessageName, FunctionName>> = {
  'video.uploaded': 'converter',
  'audio.ready': 'notifier',
  'conversion.failed': 'notifier',
};
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** The first is what is promised; later runs find what nobody waits for, and must do no harm. */
const SOON_MS = 2 * MINUTE_MS;
const LATER_MS = [2 * HOUR_MS, 8 * HOUR_MS, 26 * HOUR_MS];
const MAPPING = { arn: 'arn:aws:mq:eu-central-1:000000000000:broker:crash', virtualHost: '/' };

/** What happens to one upload: requests, messages and time, made by hand, with one death in it. */
export function createDrive(world: World, host: FunctionHost, dieAt?: CrashPoint) {
  const counts: Record<string, Record<string, number>> = {};
  const crossed: CrashPoint[] = [];
  let victim = dieAt;
  let first: CrashPoint | undefined;
  let offsetMs = 0;
  let isArmed = false;
  let mayBeToldTwice = false;
  let hasDied = false;

  async function call(functionName: FunctionName, event: unknown): Promise<Outcome> {
    const dying = isArmed ? victim : first;
    const isVictim = dying?.functionName === functionName;
    const outcome = await host.call(functionName, {
      event,
      offsetMs,
      timeLeftMs: functionName === 'gateway' ? 29_000 : 900_000,
      counts: isArmed ? (counts[functionName] ?? {}) : {},
      ...(isVictim && { dieAt: { name: dying.name, side: dying.side } }),
    });
    if (outcome.done === undefined) {
      if (isArmed) {
        hasDied = true;
        victim = undefined;
      } else first = undefined;
      mayBeToldTwice ||= isBetween(await world.look());
    } else if (isArmed) {
      counts[functionName] = outcome.done.counts;
      crossed.push(...outcome.done.crossed.map((point) => ({ functionName, ...point })));
    }
    return outcome;
  }

  /** @returns whether there was one */
  async function deliver(queue: MessageName): Promise<boolean> {
    const functionName = LISTENERS[queue];
    const taken = await world.take(queue);
    if (taken === undefined) return false;
    const { answer } = await call(
      functionName,
      createEvent({ ...MAPPING, queue }, [taken.message]),
    );
    if (answer === undefined || answer.error !== undefined) await taken.requeue();
    else await taken.ack();
    return true;
  }

  const drive = {
    /** From here on points are seen, and the victim dies. */
    arm() {
      isArmed = true;
    },
    /** Somebody dies before that. */
    dieNext(functionName: FunctionName, point: Point) {
      first = { functionName, ...point };
    },
    async request(path: string, init: RequestInit = {}): Promise<GatewayAnswer | undefined> {
      const headers = new Headers(init.headers);
      headers.set('authorization', BEARER);
      const { answer } = await call('gateway', await toEvent(path, { ...init, headers }));
      if (answer === undefined) return undefined;
      const { statusCode, headers: answered, body } = Object(answer.result);
      return { status: Number(statusCode), headers: Object(answered), body: String(body) };
    },
    /** One message, once. */
    deliver,
    /** Delivers until there is nothing to deliver. */
    async pump() {
      for (let isBusy = true; isBusy; ) {
        isBusy = false;
        for (const queue of QUEUES) if (await deliver(queue)) isBusy = true;
      }
    },
    /** A message is lost, whoever has lost it. */
    async lose(queue: MessageName) {
      const taken = await world.take(queue);
      await taken?.ack();
    },
    refuseMail: () => world.refuseMail(),
    pass(ms: number) {
      offsetMs += ms;
    },
    async tidyUp() {
      const { answer } = await call('janitor', {});
      if (answer === undefined) await call('janitor', {});
      await drive.pump();
    },
    hasDied: () => hasDied,
    points: (): readonly CrashPoint[] => crossed,
    /** Everything is alive again, and time goes on until all is quiet. */
    async heal(): Promise<{ soon: Snapshot; end: Snapshot; mayBeToldTwice: boolean }> {
      const begunMs = offsetMs;
      await drive.pump();
      offsetMs = begunMs + SOON_MS;
      await drive.tidyUp();
      const soon = await world.look();
      for (const laterMs of LATER_MS) {
        offsetMs = begunMs + laterMs;
        await drive.tidyUp();
      }
      return { soon, end: await world.look(), mayBeToldTwice };
    },
  };
  return drive;
}

export type Drive = ReturnType<typeof createDrive>;

export interface GatewayAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

/** What a scenario says of its upload; the rest of the history is seen. */
export type Told = Pick<History, 'id' | 'isAnswered' | 'isUnreachable'> & {
  readonly ending: Ending;
};

/** A mail has been taken, and the record does not know. */
function isBetween({ mails, records }: Snapshot): boolean {
  return mails.length > 0 && records.some(({ notifiedAt }) => notifiedAt == null);
}
