import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { FUNCTION_CONFIGS } from '../../src/config.ts';
import { QUEUES } from '../../src/domain/messages.ts';
import { section, tableRows } from '../support/markdown.ts';
import { runProgram } from '../support/program.ts';

const RUNBOOK = readFileSync('docs/runbook.md', 'utf8');
const DOCUMENTS = ['README.md', 'CONTRIBUTING.md', 'docs/runbook.md', 'docs/deploying.md'];

interface Variables {
  resolveVariable(name: string): Promise<unknown>;
  resolveConfigurationProperty(path: string[]): Promise<unknown>;
}
const makeAlarms = z
  .custom<(variables: Variables) => Promise<unknown>>((value) => typeof value === 'function')
  .parse(createRequire(import.meta.url)('../../infra/alarms.cjs'));
const resourcesSchema = z.object({
  Resources: z.record(z.string(), z.looseObject({ Type: z.string() })),
});

async function alarmsOf(queue: 'rabbitmq' | 'sqs'): Promise<string[]> {
  const values = new Map<string, unknown>([
    ['self:service', 'soundlift'],
    ['sls:stage', 'prod'],
    ['param:alarms', 'on'],
    ['param:queue', queue],
    ['param:mq', 'new'],
    ['param:converterShards', 1],
    ['param:converterConcurrency', 5],
  ]);
  const made = await makeAlarms({
    resolveVariable: async (name) => values.get(name) ?? '',
    resolveConfigurationProperty: async () => FUNCTION_CONFIGS,
  });
  return Object.entries(resourcesSchema.parse(made).Resources).flatMap(([name, { Type }]) =>
    Type === 'AWS::CloudWatch::Alarm' ? [name] : [],
  );
}

/** What follows `npm run ops --`, up to the end of the line or of the code. */
function opsCommands(markdown: string): string[][] {
  const lines = [...markdown.matchAll(/npm run ops -- ([^`\n#]+)/g)];
  return lines.map(([, words = '']) => words.trim().split(/\s+/));
}

describe('the runbook', () => {
  let help = '';
  beforeAll(async () => {
    help = await runProgram({ args: ['scripts/ops.ts', '--help'], env: {} });
  });

  test('has a row for every alarm, and for no other', async () => {
    const alarms = new Set([...(await alarmsOf('rabbitmq')), ...(await alarmsOf('sqs'))]);
    const rows = tableRows(section(RUNBOOK, 'Alarms')).map(([name]) => name);
    expect([...rows].sort()).toEqual([...alarms].sort());
    expect(alarms.size).toBeGreaterThan(9);
  });

  test.each(DOCUMENTS)('names only commands that there are: %s', (document) => {
    const known = opsCommands(help).map(([command]) => command);
    for (const [command, ...rest] of opsCommands(readFileSync(document, 'utf8'))) {
      expect(known).toContain(command);
      for (const option of rest.filter((word) => word.startsWith('--'))) {
        expect(help).toContain(option);
      }
      const queue = rest.find((word) => word.includes('.'));
      if (queue !== undefined) expect(QUEUES).toContain(queue);
    }
  });

  test('shows every command', () => {
    const shown = opsCommands(RUNBOOK).map(([command]) => command);
    for (const [command] of opsCommands(help)) expect(shown).toContain(command);
  });
});
