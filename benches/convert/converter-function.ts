/**
 * The converter in a process of its own, as Lambda runs it: an event comes in, and what handling it
 * took goes out, both over IPC. It is bundled like the deployed one before it is run.
 */
import type { Context } from 'aws-lambda';
import { createHandler } from '../../functions/converter/handler.ts';
import { composeConverter } from '../../src/compose.ts';
import { converterConfig } from '../../src/config.ts';
import type { TranscodeJob } from '../../src/ports/transcoder.ts';
import { readConfig } from '../../src/read-config.ts';
import type { FunctionMeasure } from './measure.ts';
import { childrenCpuMs, peakMemoryBytes } from './proc.ts';

type ConverterDeps = Awaited<ReturnType<typeof composeConverter>>;
type Seen = Pick<FunctionMeasure, 'readBytes' | 'firstProgressMs' | 'firstRecordedMs'>;

/** The longest that Lambda knows. */
const TIMEOUT_MS = 900_000;

process.once('disconnect', () => process.exit());
prepare();

async function prepare(): Promise<void> {
  const deps = await composeConverter(readConfig(converterConfig));
  await Promise.all([deps.files.ping(), deps.conversions.ping(), deps.queue.ping()]);
  process.once('message', async (event) => {
    process.send?.(await measure(deps, JSON.parse(String(event))));
  });
  process.send?.({ coldStartMs: performance.now() });
}

async function measure(deps: ConverterDeps, event: unknown): Promise<FunctionMeasure> {
  const seen: Seen = { readBytes: 0 };
  const startedAt = performance.now();
  const elapsedMs = () => performance.now() - startedAt;
  const handler = createHandler(watched(deps, seen, elapsedMs));
  const ownCpu = process.cpuUsage();
  const childrenMs = childrenCpuMs();
  await handler(event, lambdaContext(elapsedMs));
  const wallMs = elapsedMs();
  const { user, system } = process.cpuUsage(ownCpu);
  const cpuMs = (user + system) / 1_000 + childrenCpuMs() - childrenMs;
  return { ...seen, wallMs, cpuMs, nodeBytes: peakMemoryBytes('self') };
}

/** The same parts, which note in passing what the handler does with them. */
function watched(deps: ConverterDeps, seen: Seen, elapsedMs: () => number): ConverterDeps {
  const { files, conversions, transcoder } = deps;
  return {
    ...deps,
    files: {
      ...files,
      async *readRange(file, range) {
        for await (const piece of files.readRange(file, range)) {
          seen.readBytes += piece.byteLength;
          yield piece;
        }
      },
    },
    conversions: {
      ...conversions,
      async replace(next) {
        const isReplaced = await conversions.replace(next);
        if (isReplaced && next.progress > 0) seen.firstRecordedMs ??= elapsedMs();
        return isReplaced;
      },
    },
    transcoder: {
      ...transcoder,
      toMp3: (job) => transcoder.toMp3({ ...job, onProgress: firstNoted(job.onProgress) }),
    },
  };

  function firstNoted(onProgress: TranscodeJob['onProgress']): TranscodeJob['onProgress'] {
    return (progress) => {
      if (progress.doneSeconds > 0) seen.firstProgressMs ??= elapsedMs();
      onProgress(progress);
    };
  }
}

function lambdaContext(elapsedMs: () => number): Context {
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: 'soundlift-bench-converter',
    functionVersion: '$LATEST',
    invokedFunctionArn: 'arn:aws:lambda:eu-central-1:000000000000:function:soundlift-bench',
    memoryLimitInMB: '2048',
    awsRequestId: '00000000-0000-4000-8000-000000000000',
    logGroupName: '/aws/lambda/soundlift-bench-converter',
    logStreamName: 'bench',
    getRemainingTimeInMillis: () => TIMEOUT_MS - elapsedMs(),
    done: () => undefined,
    fail: () => undefined,
    succeed: () => undefined,
  };
}
