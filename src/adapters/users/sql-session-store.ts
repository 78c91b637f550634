import type { Kysely, Transaction } from 'kysely';
import type { RotationResult, SessionStore } from '../../ports/session-store.ts';
import type { Tables, UsersDatabase } from './database.ts';

/** How many expired tokens one sign-in removes at most: more than it adds, and little enough. */
const CLEANUP_BATCH = 100;

/** Keeps sessions in the tables `sessions` and `refresh_tokens`, which go when their user goes. */
export function createSqlSessionStore(db: UsersDatabase): SessionStore {
  return {
    async open(token, now) {
      await db.run((kysely) => removeExpired(kysely, now));
      await db.run((kysely) =>
        kysely.transaction().execute(async (trx) => {
          const session = { id: token.sessionId, user_id: token.userId };
          await trx.insertInto('sessions').values(session).execute();
          await insertToken(trx, token.sessionId, token);
        }),
      );
    },

    rotate: (tokenHash, successor, now, graceMs = 0) =>
      db.run((kysely) =>
        kysely.transaction().execute((trx) => rotate(trx, { tokenHash, successor, now, graceMs })),
      ),

    async revoke(sessionId) {
      await db.run((kysely) => removeSession(kysely, sessionId));
    },
  };
}

/** When a token was used that was never shown: so long ago that it is in no grace. */
const LONG_AGO_MS = 0;

interface Rotation {
  readonly tokenHash: string;
  readonly successor: NewToken;
  readonly now: Date;
  readonly graceMs: number;
}

interface NewToken {
  readonly tokenHash: string;
  readonly expiresAt: Date;
}

/**
 * The UPDATE comes first and decides: of concurrent transactions one finds the token unused, and the
 * others, which the row's lock has kept waiting, find it used. What is read after it is therefore
 * not older than what it found.
 */
async function rotate(
  trx: Transaction<Tables>,
  { tokenHash, successor, now, graceMs }: Rotation,
): Promise<RotationResult> {
  const { numUpdatedRows } = await trx
    .updateTable('refresh_tokens')
    .set({ used_at_ms: now.getTime() })
    .where('token_hash', '=', tokenHash)
    .where('used_at_ms', 'is', null)
    .executeTakeFirstOrThrow();

  const found = await trx
    .selectFrom('refresh_tokens as token')
    .innerJoin('sessions as session', 'session.id', 'token.session_id')
    .select([
      'session.id as sessionId',
      'session.user_id as userId',
      'token.expires_at_ms',
      'token.used_at_ms',
    ])
    .where('token.token_hash', '=', tokenHash)
    .executeTakeFirst();
  if (!found || found.expires_at_ms <= now.getTime()) return { outcome: 'unknown' };

  const { sessionId, userId } = found;
  if (numUpdatedRows > 0n) {
    await useOthers(trx, sessionId);
  } else if (!(await isInGrace(trx, sessionId, found.used_at_ms ?? LONG_AGO_MS, now, graceMs))) {
    await removeSession(trx, sessionId);
    return { outcome: 'reused', sessionId, userId };
  }
  await insertToken(trx, sessionId, successor);
  return { outcome: 'rotated', sessionId, userId };
}

/** Whoever was given one of several successors has not used it, or has lost it: they are good no more. */
async function useOthers(trx: Transaction<Tables>, sessionId: string): Promise<void> {
  await trx
    .updateTable('refresh_tokens')
    .set({ used_at_ms: LONG_AGO_MS })
    .where('session_id', '=', sessionId)
    .where('used_at_ms', 'is', null)
    .execute();
}

/** Whether a token was used a moment ago, and no other of its session since: its successors are unused. */
async function isInGrace(
  trx: Transaction<Tables>,
  sessionId: string,
  usedAtMs: number,
  now: Date,
  graceMs: number,
): Promise<boolean> {
  const isOver = now.getTime() - usedAtMs >= graceMs;
  // Clocks of two functions may differ: without a grace it is over whatever they say.
  if (graceMs === 0 || usedAtMs === LONG_AGO_MS || isOver) return false;
  const newer = await trx
    .selectFrom('refresh_tokens')
    .select('token_hash')
    .where('session_id', '=', sessionId)
    .where('used_at_ms', '>', usedAtMs)
    .executeTakeFirst();
  return newer === undefined;
}

async function insertToken(
  db: Kysely<Tables>,
  sessionId: string,
  { tokenHash, expiresAt }: NewToken,
): Promise<void> {
  await db
    .insertInto('refresh_tokens')
    .values({
      token_hash: tokenHash,
      session_id: sessionId,
      expires_at_ms: expiresAt.getTime(),
      used_at_ms: null,
    })
    .execute();
}

/** The session's tokens go with it. */
async function removeSession(db: Kysely<Tables>, sessionId: string): Promise<void> {
  await db.deleteFrom('sessions').where('id', '=', sessionId).execute();
}

/**
 * Reads first and then deletes by primary key: a DELETE over a range of times would lock the gap
 * in which every other sign-in wants to insert (MySQL manual, "InnoDB Locking").
 */
async function removeExpired(kysely: Kysely<Tables>, now: Date): Promise<void> {
  const expired = await kysely
    .selectFrom('refresh_tokens')
    .select(['token_hash', 'session_id'])
    .where('expires_at_ms', '<=', now.getTime())
    .orderBy('expires_at_ms')
    .limit(CLEANUP_BATCH)
    .execute();
  if (expired.length === 0) return;

  await kysely.transaction().execute(async (trx) => {
    const hashes = expired.map((token) => token.token_hash);
    await trx.deleteFrom('refresh_tokens').where('token_hash', 'in', hashes).execute();
    const sessionIds = expired.map((token) => token.session_id);
    await trx
      .deleteFrom('sessions')
      .where('id', 'in', sessionIds)
      .where(({ not, exists, selectFrom }) =>
        not(
          exists(
            selectFrom('refresh_tokens')
              .select('token_hash')
              .whereRef('refresh_tokens.session_id', '=', 'sessions.id'),
          ),
        ),
      )
      .execute();
  });
}
