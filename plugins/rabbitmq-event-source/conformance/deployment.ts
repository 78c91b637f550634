import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { CallAws } from '../aws-api.ts';
import { listMappings } from '../lambda-api.ts';
import { MAPPINGS, type ProbeMapping } from './mappings.ts';

const STACK = 'rabbitmq-conformance';
export const FUNCTION_NAME = 'rabbitmq-conformance-dev-probe';
const ARN_PREFIX = 'arn:aws:mq:us-east-1:000000000000:broker:conformance';
const BROKER_ARN = `${ARN_PREFIX}:b-00000000-0000-0000-0000-000000000000`;
const STACK_TIMEOUT_MS = 60_000;

export interface Deployment extends AsyncDisposable {
  /** Enables or disables the mapping of a queue: https://docs.aws.amazon.com/lambda/latest/api/API_UpdateEventSourceMapping.html */
  enable(queue: string, enabled: boolean): Promise<void>;
}

/**
 * Deploys the probe and its mappings as one stack, which every emulator of Lambda can take, where some
 * refuse `CreateEventSourceMapping` for Amazon MQ.
 */
export async function deployProbe(
  call: CallAws,
  { brokerUrl, collectorUrl }: { readonly brokerUrl: string; readonly collectorUrl: string },
): Promise<Deployment> {
  await deleteStack(call);
  const template = JSON.stringify(await templateOf(brokerUrl, collectorUrl));
  await query(call, 'CreateStack', {
    TemplateBody: template,
    'Capabilities.member.1': 'CAPABILITY_IAM',
  });
  await untilStack(call, 'CREATE_COMPLETE');
  const uuids = await mappingUuids(call);
  return {
    async enable(queue, enabled) {
      const uuid = uuids.get(queue);
      if (uuid === undefined) throw new Error(`no mapping of ${queue} is listed`);
      const path = `/2015-03-31/event-source-mappings/${uuid}`;
      const body = JSON.stringify({ Enabled: enabled });
      const headers = { 'content-type': 'application/json' };
      await call('lambda', { method: 'PUT', path, headers, body });
    },
    [Symbol.asyncDispose]: () => deleteStack(call),
  };
}

async function templateOf(brokerUrl: string, collectorUrl: string) {
  const code = await readFile(new URL('probe/handler.cjs', import.meta.url), 'utf8');
  const { username, password } = new URL(brokerUrl);
  const secret = {
    username: decodeURIComponent(username),
    password: decodeURIComponent(password),
  };
  const mappings = MAPPINGS.map((mapping, index) => [`Mapping${index}`, resourceOf(mapping)]);
  return {
    Resources: {
      Probe: {
        Type: 'AWS::Lambda::Function',
        Properties: {
          FunctionName: FUNCTION_NAME,
          Runtime: 'nodejs24.x',
          Handler: 'index.handler',
          Role: 'arn:aws:iam::000000000000:role/conformance',
          Timeout: 60,
          Environment: { Variables: { COLLECTOR_URL: collectorUrl } },
          Code: { ZipFile: code },
        },
      },
      Secret: {
        Type: 'AWS::SecretsManager::Secret',
        Properties: { Name: 'rabbitmq-conformance', SecretString: JSON.stringify(secret) },
      },
      ...Object.fromEntries(mappings),
    },
  };
}

function resourceOf(mapping: ProbeMapping) {
  const { queue, virtualHost, batchSize, windowSeconds, filterPatterns, enabled = true } = mapping;
  const access: object[] = [{ Type: 'BASIC_AUTH', URI: { Ref: 'Secret' } }];
  if (virtualHost !== undefined) access.push({ Type: 'VIRTUAL_HOST', URI: virtualHost });
  const filters = filterPatterns?.map((pattern) => ({ Pattern: JSON.stringify(pattern) }));
  return {
    Type: 'AWS::Lambda::EventSourceMapping',
    Properties: {
      FunctionName: { 'Fn::GetAtt': ['Probe', 'Arn'] },
      EventSourceArn: BROKER_ARN,
      Queues: [queue],
      SourceAccessConfigurations: access,
      Enabled: enabled,
      ...(batchSize === undefined ? {} : { BatchSize: batchSize }),
      ...(windowSeconds === undefined ? {} : { MaximumBatchingWindowInSeconds: windowSeconds }),
      ...(filters === undefined ? {} : { FilterCriteria: { Filters: filters } }),
    },
  };
}

/** By their queues, which some emulators keep only in the template. */
async function mappingUuids(call: CallAws): Promise<ReadonlyMap<string, string>> {
  const records = await listMappings(call);
  const resources = await query(call, 'DescribeStackResources');
  return new Map(
    MAPPINGS.flatMap(({ queue }, index) => {
      const physical = new RegExp(
        `<LogicalResourceId>Mapping${index}</LogicalResourceId>\\s*<PhysicalResourceId>([^<]*)<`,
      ).exec(resources)?.[1];
      const record = records.find(({ UUID }) => UUID === physical);
      return record === undefined ? [] : [[queue, String(record['UUID'])]];
    }),
  );
}

function query(call: CallAws, action: string, fields: Readonly<Record<string, string>> = {}) {
  return call('cloudformation', {
    method: 'POST',
    path: '/',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      ...{ Action: action, Version: '2010-05-15', StackName: STACK, ...fields },
    }).toString(),
  });
}

async function deleteStack(call: CallAws): Promise<void> {
  await query(call, 'DeleteStack');
  await untilStack(call, 'DELETE_COMPLETE');
}

async function untilStack(call: CallAws, wanted: string): Promise<void> {
  const deadline = performance.now() + STACK_TIMEOUT_MS;
  for (;;) {
    // A stack that is gone is not described.
    const answer = await query(call, 'DescribeStacks').catch(() => '<StackStatus>DELETE_COMPLETE<');
    const status = /<StackStatus>([^<]*)</.exec(answer)?.[1] ?? 'DELETE_COMPLETE';
    if (status === wanted) return;
    if (/FAILED|ROLLBACK_COMPLETE/.test(status) || performance.now() > deadline) {
      const reason = /<StackStatusReason>([^<]*)</.exec(answer)?.[1] ?? '';
      throw new Error(`the stack ${STACK} is ${status} and not ${wanted}. ${reason}`);
    }
    await delay(200);
  }
}
