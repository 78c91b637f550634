import { utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createDiskFileStore } from '../../src/adapters/files/disk.ts';
import { contentOf } from '../support/generated-content.ts';
import { runProgram, startProgram } from '../support/program.ts';
import { tempDir } from '../support/temp-dir.ts';
import { opsSuite } from './ops.ts';

const data = await tempDir('ops');
const NOTHING = { FILES_URL: '', CONVERSIONS_URL: '', QUEUE_URL: '' };

describe('npm run ops on what npm start keeps', () => {
  opsSuite({
    settings: () => ({
      USERS_URL: `sqlite:${join(data, 'users.sqlite')}`,
      FILES_URL: `disk:${join(data, 'files')}`,
      CONVERSIONS_URL: `sqlite:${join(data, 'conversions.sqlite')}`,
      QUEUE_URL: `embedded:${join(data, 'queue.sqlite')}`,
    }),
    environment: () => ({ ...NOTHING, DATA_DIR: data }),
    place: /^Looking at what npm start keeps in .*ops/,
    parts: [
      'settings of users',
      'users \\(SQLite\\)',
      'files \\(folder\\)',
      'queues',
      'ffmpeg',
      'disk',
    ],
  });

  test('orphans removes what is old, when it is told to', async () => {
    const id = '01970000-0000-7000-8000-00000000ffff';
    const directory = join(data, 'files');
    const files = createDiskFileStore({ directory });
    await files.put({ bucket: 'videos', key: id }, contentOf(0, 2_000));
    const longAgo = new Date(Date.now() - 3 * 86_400_000);
    await utimes(join(directory, 'videos', id), longAgo, longAgo);
    const env = { ...NOTHING, DATA_DIR: data };

    const seen = await runProgram({ args: ['scripts/ops.ts', 'orphans'], env });
    expect(seen).toContain(`videos/${id}  2.0 kB  3 d old`);
    expect(await files.stat({ bucket: 'videos', key: id })).toBeDefined();
    const removed = await runProgram({ args: ['scripts/ops.ts', 'orphans', '--remove'], env });
    expect(removed).toContain('1 orphaned files, 2.0 kB, removed.');
    expect(await files.stat({ bucket: 'videos', key: id })).toBeUndefined();
    await files.dispose();
  });

  test('doctor fails where a service is away, and says which', async () => {
    const env = {
      USERS_URL: 'mysql://nobody:s3cret@127.0.0.1:1/none',
      FILES_URL: `disk:${join(data, 'files')}`,
      CONVERSIONS_URL: `sqlite:${join(data, 'conversions.sqlite')}`,
      QUEUE_URL: 'amqp://guest:s3cret@127.0.0.1:1',
      MAIL_URL: 'smtp://127.0.0.1:1',
      DATA_DIR: data,
    };
    const program = await startProgram({ args: ['scripts/ops.ts', 'doctor'], env }, '');
    expect(await program.ended).toBe(1);
    for (const part of ['users \\(MySQL\\)', 'queue \\(RabbitMQ\\)', 'mail \\(SMTP\\)']) {
      expect(program.output()).toMatch(new RegExp(`^fail +${part} .*ECONNREFUSED.*\n +→ `, 'm'));
    }
    expect(program.output()).not.toContain('s3cret');
  });

  test('nothing to look at is said, and how to come by something', async () => {
    const env = { ...NOTHING, DATA_DIR: join(data, 'gone') };
    const program = await startProgram({ args: ['scripts/ops.ts', 'queues'], env }, '');
    expect(await program.ended).toBe(1);
    expect(program.output()).toContain('Run npm start first');
  });

  test('--help shows every command', async () => {
    const help = await runProgram({ args: ['scripts/ops.ts', '--help'], env: {} });
    for (const command of [
      'doctor',
      'queues',
      'dead',
      'redrive',
      'discard',
      'conversion',
      'retry',
      'orphans',
    ]) {
      expect(help).toContain(`npm run ops -- ${command}`);
    }
  });
});
