import { existsSync, mkdirSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import type { Home } from './processes.ts';
import { findProgram, runToEnd, startProcess, untilReady } from './processes.ts';

const ADVICE = 'on Debian: apt-get install mariadb-server';

/** Starts MariaDB, as user root without a password. Resolves with its URL when it answers queries. */
export async function startMariadb(home: Home, port: number): Promise<string> {
  const server = findProgram(['mariadbd', 'mysqld'], ADVICE);
  const install = findProgram(['mariadb-install-db', 'mysql_install_db'], ADVICE);
  const directory = join(home.directory, 'mariadb');
  // MariaDB refuses to run as root unless it is told by name, and must own its files.
  const common = ['--no-defaults', `--user=${userInfo().username}`, `--datadir=${directory}`];
  if (!existsSync(join(directory, 'mysql'))) {
    mkdirSync(directory, { recursive: true });
    const args = [...common, '--auth-root-authentication-method=normal', '--skip-test-db'];
    await runToEnd({ program: install, args }, home.signal);
  }
  const args = [
    ...common,
    '--bind-address=127.0.0.1',
    `--port=${port}`,
    `--socket=${join(directory, 'mysqld.sock')}`,
    `--pid-file=${join(directory, 'mysqld.pid')}`,
    '--character-set-server=utf8mb4',
    '--skip-name-resolve',
  ];
  const started = await startProcess('mariadb', { program: server, args }, home);
  const url = `mysql://root@127.0.0.1:${port}`;
  await untilReady(started, () => query(url), home.signal);
  return url;
}

async function query(url: string): Promise<void> {
  const connection = await createConnection({ uri: url, connectTimeout: 2_000 });
  try {
    await connection.query('SELECT 1');
  } finally {
    connection.destroy();
  }
}
