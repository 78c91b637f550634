import { Refused, Unavailable } from '../../src/domain/errors.ts';
import type { User } from '../../src/domain/user.ts';
import type { UserStore } from '../../src/ports/user-store.ts';
import { type FakeSessionStore, fakeSessionStore } from './fake-session-store.ts';

interface FakeUserStoreOptions {
  /** Where the sessions of a removed user are. */
  readonly sessions?: FakeSessionStore;
  /** False: every call fails as if the database did not answer. */
  readonly answers?: boolean;
}

/** Users in memory. */
export function fakeUserStore(options: FakeUserStoreOptions = {}): UserStore {
  const { sessions = fakeSessionStore(), answers = true } = options;
  const users = new Map<string, User>();

  function expectAnswer(): void {
    if (!answers) throw new Unavailable('users');
  }
  function withEmail(email: string): User | undefined {
    return [...users.values()].find((user) => user.email === email);
  }

  return {
    async add(user) {
      expectAnswer();
      if (withEmail(user.email)) throw new Refused('email-taken', 'the address is taken');
      users.set(user.id, user);
    },
    async find(id) {
      expectAnswer();
      return users.get(id);
    },
    async findByEmail(email) {
      expectAnswer();
      return withEmail(email);
    },
    async list({ skip, limit }) {
      expectAnswer();
      const oldestFirst = [...users.values()].sort(
        (a, b) => a.createdAt.getTime() - b.createdAt.getTime() || (a.id < b.id ? -1 : 1),
      );
      return oldestFirst.slice(skip, skip + limit);
    },
    async remove(id) {
      expectAnswer();
      sessions.removeSessionsOf(id);
      return users.delete(id);
    },
    async ping() {
      expectAnswer();
    },
    async dispose() {},
  };
}
