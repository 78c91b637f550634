#!/usr/bin/env node
/** `rabbitmq-event-source-conformance`: tries an endpoint and a broker by what AWS documents. */
import { parseArgs } from 'node:util';
import { createAwsApi } from './aws-api.ts';
import { runSuite, type Verdict } from './conformance/suite.ts';
import { createRequestSigner } from './sign-request.ts';

const HELP = `Tries whether RabbitMQ messages reach Lambda functions as Amazon MQ's event source hands them over.

  rabbitmq-event-source-conformance --endpoint http://127.0.0.1:4566 --broker amqp://guest:guest@127.0.0.1:5672

It deploys a function and its mappings as the CloudFormation stack rabbitmq-conformance, makes the virtual
hosts and queues that it needs, and removes all of it. It ends with 1 when a rule is broken.

  --endpoint <url>     where the Lambda API is
  --broker <url>       with the credentials of a user who may make virtual hosts
  --management <url>   RabbitMQ's management API; that of the broker's host on port 15672 unless given
  --collector <url>    how functions reach this program; it listens on that port; http://127.0.0.1:4577/
  --deployed           the function and its mappings are there already, from conformance/probe
  --region <name>      us-east-1 unless given
  --json               the verdicts in JSON instead of a table`;

const { values } = parseArgs({
  options: {
    endpoint: { type: 'string' },
    broker: { type: 'string' },
    management: { type: 'string' },
    collector: { type: 'string', default: 'http://127.0.0.1:4577/' },
    deployed: { type: 'boolean', default: false },
    region: { type: 'string', default: 'us-east-1' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

const { endpoint, broker } = values;
if (values.help || endpoint === undefined || broker === undefined) {
  process.stdout.write(`${HELP}\n`);
  process.exitCode = values.help ? 0 : 2;
} else {
  const credentials = {
    accessKeyId: process.env['AWS_ACCESS_KEY_ID'] || 'test',
    secretAccessKey: process.env['AWS_SECRET_ACCESS_KEY'] || 'test',
    sessionToken: process.env['AWS_SESSION_TOKEN'] || undefined,
  };
  const sign = createRequestSigner({ region: values.region, ...credentials });
  const call = createAwsApi({ endpoint, sign, signal: new AbortController().signal });
  const verdicts = await runSuite({
    ...{ endpoint, sign, call, isDeployed: values.deployed },
    brokerUrl: broker,
    managementUrl: values.management ?? managementOf(broker),
    collectorUrl: values.collector,
  });
  process.stdout.write(values.json ? `${JSON.stringify(verdicts)}\n` : tableOf(verdicts));
  process.exitCode = verdicts.some(({ verdict }) => verdict === 'fail') ? 1 : 0;
}

function managementOf(brokerUrl: string): string {
  const { username, password, hostname } = new URL(brokerUrl);
  return `http://${username}:${password}@${hostname}:15672`;
}

function tableOf(verdicts: readonly Verdict[]): string {
  const width = Math.max(...verdicts.map(({ title }) => title.length));
  const lines = verdicts.map(({ title, verdict, reason, source }) => {
    const why = reason === '' ? '' : `: ${reason.replace(/\s+/g, ' ').slice(0, 300)}`;
    return `${verdict.padEnd(4)}  ${title.padEnd(width)}  ${verdict === 'fail' ? source : ''}${why}`;
  });
  return `${lines.map((line) => line.trimEnd()).join('\n')}\n`;
}
