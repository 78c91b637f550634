import type { CallAws } from '../aws-api.ts';
import { createLambdaInvoker } from '../lambda-invoker.ts';
import type { SignRequest } from '../sign-request.ts';
import { openBroker } from './broker.ts';
import { startCollector } from './collector.ts';
import { deployProbe, FUNCTION_NAME } from './deployment.ts';
import { VIRTUAL_HOST } from './mappings.ts';
import { DISRUPTIVE_RULES, type Host, RULES, type Rule } from './rules.ts';

export interface SuiteOptions {
  readonly endpoint: string;
  readonly brokerUrl: string;
  readonly managementUrl: string;
  /** How the function reaches the suite. */
  readonly collectorUrl: string;
  /** Whether the probe and its mappings are there already. */
  readonly isDeployed: boolean;
  readonly call: CallAws;
  readonly sign: SignRequest;
}

export interface Verdict {
  readonly title: string;
  readonly source: string;
  readonly verdict: 'pass' | 'fail' | 'n/a';
  readonly reason: string;
}

const REACHABLE: Pick<Rule, 'title' | 'source'> = {
  title: 'the endpoint runs functions',
  source: 'https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html',
};

/** Tries every rule of Amazon MQ's event source on an endpoint and a broker. */
export async function runSuite(options: SuiteOptions): Promise<Verdict[]> {
  const { endpoint, sign, call, brokerUrl, collectorUrl } = options;
  await using broker = await openBroker(brokerUrl, options.managementUrl);
  const { hostname, port } = new URL(collectorUrl);
  const isLocal = ['127.0.0.1', 'localhost'].includes(hostname);
  const place = { host: isLocal ? '127.0.0.1' : '0.0.0.0', port: Number(port) };
  await using collector = await startCollector(place);
  await using deployed = new AsyncDisposableStack();
  const deployment = options.isDeployed
    ? undefined
    : deployed.use(await deployProbe(call, { brokerUrl, collectorUrl }));
  const host: Host = {
    broker,
    deployment,
    inbox: (queue) => collector.inbox(queue, VIRTUAL_HOST),
    rootInbox: (queue) => collector.inbox(queue, '/'),
  };
  const reachable = await judge(REACHABLE, async () => {
    const signal = AbortSignal.timeout(60_000);
    const invoke = createLambdaInvoker({ endpoint, sign });
    await invoke(FUNCTION_NAME, { hello: 1 }, { timeoutMs: 60_000, signal });
    if (collector.others.length === 0) throw new Error(`the function did not call ${collectorUrl}`);
  });
  // Nothing else can be right then, and everything would be waited for.
  if (reachable.verdict === 'fail') return [reachable];
  const judgeOn = (rule: Rule) => judge(rule, () => rule.check(host), rule.unsupported?.(host));
  const verdicts = await Promise.all(RULES.map(judgeOn));
  for (const rule of DISRUPTIVE_RULES) verdicts.push(await judgeOn(rule));
  return [reachable, ...verdicts];
}

async function judge(
  { title, source }: Pick<Rule, 'title' | 'source'>,
  check: () => Promise<void>,
  unsupported?: string,
): Promise<Verdict> {
  if (unsupported !== undefined) return { title, source, verdict: 'n/a', reason: unsupported };
  try {
    await check();
    return { title, source, verdict: 'pass', reason: '' };
  } catch (error) {
    return { title, source, verdict: 'fail', reason: String(Object(error).message ?? error) };
  }
}
