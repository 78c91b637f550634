/**
 * A process that imports a function's bundle, calls it once, and says which modules were evaluated by
 * the import, and which by then: `node call-bundle.ts <bundle> <handler's name>`, the rest by messages.
 *
 * V8 counts the calls of every function. esbuild puts a module that is loaded lazily into a function
 * whose name is the module's path; what is in none is evaluated with the bundle. A driver is in a file of
 * its own, and evaluated when that is loaded.
 */
import { readFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { createRequire } from 'node:module';
import { PassThrough } from 'node:stream';
import { z } from 'zod';

const [bundlePath = '', handlerName = ''] = process.argv.slice(2);
const require = createRequire(import.meta.url);
const bundleSource = readFileSync(bundlePath, 'utf8');
const orderSchema = z.object({ event: z.unknown(), inputs: z.array(z.string()) });
const exportsSchema = z.record(z.string(), z.unknown());

process.once('message', async (message) => {
  const { event, inputs } = orderSchema.parse(message);
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
  const isStreaming = installAwslambda();
  const handler = exportsSchema.parse(require(bundlePath))[handlerName];
  if (typeof handler !== 'function') throw new Error(`${bundlePath} exports no ${handlerName}`);
  const seen = new Set(inputs.filter((path) => !bundleSource.includes(`\n  "${path}"(`)));
  await noteEvaluated(session, seen);
  const imported = [...seen];
  const context = { awsRequestId: 'cold', getRemainingTimeInMillis: () => 60_000 };
  const given = isStreaming() ? [event, new PassThrough().resume(), context] : [event, context];
  const outcome = await outcomeOf(() => handler(...given));
  await noteEvaluated(session, seen);
  process.send?.({ imported, called: [...seen], outcome }, () => {
    // Connections that are still being tried would keep it.
    process.exit();
  });
});

/** Lambda's global; says whether it was asked for, which functions do that stream. */
function installAwslambda(): () => boolean {
  let isAsked = false;
  Object.assign(globalThis, {
    awslambda: {
      streamifyResponse(handler: unknown) {
        isAsked = true;
        return handler;
      },
      HttpResponseStream: { from: (output: PassThrough) => output },
    },
  });
  return () => isAsked;
}

/** Counts are those since the last look. */
async function noteEvaluated(session: Session, seen: Set<string>): Promise<void> {
  const { result } = await session.post('Profiler.takePreciseCoverage');
  const functions = result.find(({ url }) => url.endsWith(bundlePath))?.functions ?? [];
  for (const { functionName, ranges } of functions) {
    if (ranges[0]?.count && /^(node_modules|src|functions)\//.test(functionName)) {
      seen.add(functionName);
    }
  }
  for (const path of Object.keys(require.cache)) if (path !== bundlePath) seen.add(path);
  // Node makes a list of those of its own modules that it has loaded.
  const loaded = z.array(z.string()).parse(Reflect.get(process, 'moduleLoadList'));
  if (loaded.includes('NativeModule sqlite')) seen.add('node:sqlite');
}

/** For whoever reads a failed test: stores that are not there fail the call, and that is no matter. */
async function outcomeOf(call: () => unknown): Promise<string> {
  try {
    return JSON.stringify((await call()) ?? 'nothing');
  } catch (error) {
    return String(error);
  }
}
