import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { importViolations, LAYERS } from '../support/import-rules.ts';
import { section, tableRows } from '../support/markdown.ts';

const FILES = globSync('{src,functions,plugins,tests,scripts,benches,web}/**/*.{ts,tsx}', {
  exclude: (name) => name === 'node_modules' || name === 'dist',
}).map((path) => path.replaceAll('\\', '/'));

test('imports go one way: edge → use case → port ← adapter', () => {
  const violations = FILES.flatMap((file) => importViolations(file, readFileSync(file, 'utf8')));
  expect(violations).toEqual([]);
});

test('the files of every layer are looked at', () => {
  for (const folder of ['src/domain/', 'src/ports/', 'src/adapters/queue/', 'functions/gateway/']) {
    expect(FILES.filter((file) => file.startsWith(folder)).length, folder).toBeGreaterThan(3);
  }
});

test('docs/architecture.md shows the same table', () => {
  const document = readFileSync('docs/architecture.md', 'utf8');
  const rows = tableRows(section(document, 'Who may import what'));
  const shown = rows.map((cells) => cells.map((cell) => cell.replaceAll('`', '')));
  expect(shown).toEqual(
    LAYERS.map(({ files, mayImport, packages }) => [
      files,
      mayImport.map((pattern) => pattern.replace('!', 'not ')).join(', ') || 'nothing',
      packages,
    ]),
  );
});

test.each([
  ['src/domain/user.ts', `import { readFileSync } from 'node:fs';`, 'the domain knows only itself'],
  ['src/domain/user.ts', `import type { Clock } from '../ports/clock.ts';`, 'the domain knows'],
  ['src/ports/queue.ts', `import { z } from 'zod';`, 'a port speaks of the domain'],
  ['src/ports/queue.ts', `export * from '../adapters/queue/topology.ts';`, 'a port speaks'],
  ['src/adapters/mail/smtp.ts', `import x from '../queue/rabbitmq.ts';`, 'an adapter knows one'],
  ['src/adapters/mail/smtp.ts', `await import('../../config.ts');`, 'an adapter knows one'],
  ['src/adapters/mail/smtp.ts', `import '../../logger.ts';`, 'an adapter knows one'],
  ['src/adapters/mongo-connection.ts', `import x from './files/gridfs.ts';`, 'knows none of them'],
  ['src/conversions/erase.ts', `import x from '../adapters/files/disk.ts';`, 'depend on ports'],
  ['src/http/api.ts', `import x from '../../functions/users/admin.ts';`, 'is the ground of every'],
  ['src/lambda/http.ts', `import x from '../compose.ts';`, 'src/lambda translates events'],
  ['functions/users/handler.ts', `import '../../src/adapters/mail/smtp.ts';`, 'src/compose.ts'],
  ['functions/users/handler.ts', `import x from '../gateway/file-name.ts';`, 'move what two'],
  ['functions/users/app.ts', `import x from '../../src/compose.ts';`, 'only handler.ts composes'],
  ['functions/users/sign-in.ts', `import { Hono } from 'hono';`, 'a use case knows ports'],
  ['functions/users/sign-in.ts', `import type { Context } from 'hono/types';`, 'a use case knows'],
  ['functions/users/sign-in.ts', `import { z } from '@hono/zod-openapi';`, 'a use case knows'],
  ['functions/users/sign-in.ts', `import middy from '@middy/core';`, 'a use case knows'],
  ['functions/users/sign-in.ts', `import type { Context } from 'aws-lambda';`, 'a use case knows'],
  ['functions/users/sign-in.ts', `import { schema } from './schemas.ts';`, 'a use case knows'],
  ['functions/notifier/mails/ready.ts', `import x from '../handler.ts';`, 'a use case knows'],
  ['functions/users/sign-in.ts', `const { HOME } = process.env;`, 'add a setting to src/config.ts'],
  ['src/adapters/mail/smtp.ts', `process['env']['HOME']`, 'add a setting to src/config.ts'],
  ['src/compose.ts', `import { env } from 'node:process';`, 'add a setting to src/config.ts'],
  ['plugins/source/poller.ts', `import '../../src/domain/user.ts';`, 'a package of its own'],
  ['plugins/source/poller.ts', `import '../other/plugin.ts';`, 'a package of its own'],
  ['plugins/source/poller.ts', `process.env`, 'add a setting to src/config.ts'],
  ['web/main.tsx', `import x from '../src/domain/user.ts';`, 'the service by its API alone'],
  ['src/somewhere/new.ts', '', 'add a row to LAYERS'],
])('%s may not: %s', (file, source, advice) => {
  const violations = importViolations(file, source);
  expect(violations).toHaveLength(1);
  expect(violations[0]).toContain(file);
  expect(violations[0]).toContain(advice);
});

test.each([
  ['src/domain/messages.ts', `import { z } from 'zod'; import { Refused } from './errors.ts';`],
  [
    'src/adapters/files/gridfs.ts',
    `import x from '../mongo-connection.ts'; import y from 'mongodb';`,
  ],
  ['src/adapters/users/migrations/0001.ts', `import x from '../database.ts';`],
  ['src/compose.ts', `const x = await import('./adapters/files/disk.ts');`],
  ['functions/users/app.ts', `import { Hono } from 'hono'; import { signIn } from './sign-in.ts';`],
  [
    'functions/users/sign-in.ts',
    `import { v7 } from 'uuid'; import x from '../../src/ports/clock.ts';`,
  ],
  ['plugins/source/plugin.ts', `process.env; import { poll } from './poller.ts';`],
  ['scripts/start.ts', `process.env; import x from '../src/adapters/users/database.ts';`],
  ['tests/unit/users.test.ts', `import x from '../../functions/users/sign-in.ts';`],
])('%s may: %s', (file, source) => {
  expect(importViolations(file, source)).toEqual([]);
});
