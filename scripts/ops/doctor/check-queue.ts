import { connect } from 'amqplib';
import * as z from 'zod';
import type { Queue } from '../../../src/ports/queue.ts';
import { asked, type Finding, reasonOf, TIMEOUT_MS } from './finding.ts';

const serverSchema = z.looseObject({ version: z.string() });

/** The broker and its version, whether the queues are as they have to be, and what has died. */
export async function checkQueue(url: string, queue: Queue): Promise<Finding[]> {
  const findings = await asked(...brokerOf(url), () => versionOf(url, queue));
  if (findings.some(({ level }) => level === 'fail')) return findings;
  const part = 'queues';
  try {
    await queue.declare();
    findings.push({ level: 'ok', part, says: 'declared as they have to be' });
  } catch (error) {
    const says = reasonOf(error);
    const isOtherwise = /PRECONDITION/.test(says);
    const todo = isOtherwise
      ? 'A queue of this name was declared otherwise. When it is empty, delete it on the management page, and run doctor again, which declares it.'
      : 'The user of QUEUE_URL needs the rights to configure, write and read.';
    return [...findings, { level: 'fail', part, says, todo }];
  }
  return [...findings, ...(await deadOf(queue))];
}

function brokerOf(url: string): [part: string, todo: string] {
  if (url.startsWith('embedded:')) return ['queue (embedded)', 'Run npm start once.'];
  if (url.startsWith('sqs:')) {
    return ['queue (SQS)', 'Do QUEUE_URL, AWS_REGION and the credentials fit?'];
  }
  return [
    'queue (RabbitMQ)',
    'Is RabbitMQ running, and do host, user, password and virtual host of QUEUE_URL fit?',
  ];
}

async function versionOf(url: string, queue: Queue) {
  if (!/^amqps?:/.test(url)) {
    await queue.ping();
    return { version: 'it answers' };
  }
  const connection = await connect(url, { noDelay: true, timeout: TIMEOUT_MS });
  try {
    const { version } = serverSchema.parse(connection.connection.serverProperties);
    return { version };
  } finally {
    await connection.close();
  }
}

async function deadOf(queue: Queue): Promise<Finding[]> {
  const depths = await queue.depths();
  const dead = depths.filter((depth) => depth.dead > 0);
  const waiting = depths.reduce((sum, { ready }) => sum + ready, 0);
  const part = 'messages';
  if (dead.length === 0) {
    return [
      {
        level: 'ok',
        part,
        says: `${waiting} wait, ${await queue.delayed()} are delayed, none is dead`,
      },
    ];
  }
  return dead.map((depth) => ({
    level: 'warn',
    part,
    says: `${depth.dead} dead in ${depth.queue}`,
    todo: `See why: npm run ops -- dead ${depth.queue}`,
  }));
}
