import { randomUUID } from 'node:crypto';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import { openUsersDatabase } from '../../src/adapters/users/database.ts';
import { createSqlAttemptStore } from '../../src/adapters/users/sql-attempt-store.ts';
import { createSqlSessionStore } from '../../src/adapters/users/sql-session-store.ts';
import { createSqlUserStore } from '../../src/adapters/users/sql-user-store.ts';
import type { AttemptStore } from '../../src/ports/attempt-store.ts';
import type { SessionStore } from '../../src/ports/session-store.ts';
import type { UserStore } from '../../src/ports/user-store.ts';
import { fakeAttemptStore } from './fake-attempt-store.ts';
import { fakeSessionStore } from './fake-session-store.ts';
import { fakeUserStore } from './fake-user-store.ts';

export interface UserStores {
  readonly users: UserStore;
  readonly sessions: SessionStore;
  readonly attempts: AttemptStore;
}

/** One empty database of users and sessions. */
export interface UserStoresFixture {
  /** Every call opens the same database anew, as another process would. */
  open(): UserStores;
  /** Opens a database that does not answer. */
  openUnanswered(): UserStores;
  /** Closes what was opened, and removes the database. */
  remove(): Promise<void>;
}

export async function fakeUserStores(): Promise<UserStoresFixture> {
  const sessions = fakeSessionStore();
  const users = fakeUserStore({ sessions });
  const attempts = fakeAttemptStore();
  return {
    open: () => ({ users, sessions, attempts }),
    openUnanswered: () => ({
      users: fakeUserStore({ answers: false }),
      sessions: fakeSessionStore({ answers: false }),
      attempts: fakeAttemptStore({ answers: false }),
    }),
    async remove() {},
  };
}

/** A file in `directory`. */
export async function sqliteUserStores(directory: string): Promise<UserStoresFixture> {
  const path = join(directory, `${randomUUID()}.sqlite`);
  return sqlUserStores({
    url: `sqlite:${path}`,
    // The folder that it should be in is a file.
    unansweredUrl: `sqlite:${join(path, 'users.sqlite')}`,
    async remove() {},
  });
}

/** A database of its own on the server, and for what does not answer a port that only listens. */
export async function mysqlUserStores(serverUrl: string): Promise<UserStoresFixture> {
  const { url, drop } = await createMysqlDatabase(serverUrl);
  const silent = await listenInSilence();
  return sqlUserStores({
    url,
    unansweredUrl: `mysql://root@127.0.0.1:${silent.port}/users`,
    async remove() {
      silent.close();
      await drop();
    },
  });
}

async function sqlUserStores(database: {
  readonly url: string;
  readonly unansweredUrl: string;
  remove(): Promise<void>;
}): Promise<UserStoresFixture> {
  const opened: UserStore[] = [];
  const open = (url: string, timeoutMs: number) => {
    const db = openUsersDatabase({ url, timeoutMs });
    const users = createSqlUserStore(db);
    opened.push(users);
    return { users, sessions: createSqlSessionStore(db), attempts: createSqlAttemptStore(db) };
  };
  const migrations = openUsersDatabase({ url: database.url });
  await migrations.migrate();
  return {
    open: () => open(database.url, 10_000),
    openUnanswered: () => open(database.unansweredUrl, 200),
    async remove() {
      await Promise.all(opened.map((users) => users.dispose()));
      await database.remove();
    },
  };
}

export async function createMysqlDatabase(serverUrl: string) {
  const name = `soundlift_test_${randomUUID().replaceAll('-', '')}`;
  const server = await createConnection(serverUrl);
  await server.query(`CREATE DATABASE ${name}`);
  return {
    url: `${serverUrl}/${name}`,
    async drop() {
      await server.query(`DROP DATABASE ${name}`);
      await server.end();
    },
  };
}

async function listenInSilence() {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no TCP port');
  return {
    port: address.port,
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
