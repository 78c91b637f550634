import { createHash } from 'node:crypto';
import { Limited } from '../../src/domain/errors.ts';
import { networkOf } from '../../src/domain/network.ts';
import type { AttemptLimit, AttemptStore } from '../../src/ports/attempt-store.ts';
import type { Clock } from '../../src/ports/clock.ts';

/** How often is too often; 0: never. */
interface AttemptLimits {
  /** From one network; from all together ten times as often. */
  readonly signInsPerAccount: number;
  /** Into whatever accounts. */
  readonly signInsPerAddress: number;
  readonly signInWindowMs: number;
  /** In an hour. */
  readonly registrationsPerAddress: number;
}

export interface ThrottleDeps {
  readonly attempts: AttemptStore;
  readonly attemptLimits: AttemptLimits;
  readonly clock: Clock;
}

/** Who tries to get into which account, and from where. */
export interface SignInAttempt {
  /** As `normalizeEmail` leaves it. */
  readonly email: string;
  /** Where the request comes from: what the host says, and not what a client can. */
  readonly address: string;
}

/** What all networks together may try at one account, beside what each may. */
const ALL_NETWORKS_FACTOR = 10;
/** So long the network of a sign-in is one that its owner comes from. */
const KNOWN_FOR_MS = 30 * 24 * 60 * 60 * 1000;
const REGISTRATION_WINDOW_MS = 60 * 60 * 1000;

/**
 * Counts an attempt before any work is done for it. What all networks try at an account does not count
 * against a network that its owner has signed in from: else whoever has many addresses could lock an
 * account for its owner too. docs/adr/0035
 *
 * @throws {Limited} `too-many-attempts`
 */
export async function countSignIn(deps: ThrottleDeps, attempt: SignInAttempt): Promise<void> {
  const { signInsPerAccount, signInsPerAddress, signInWindowMs: windowMs } = deps.attemptLimits;
  const keys = keysOf(attempt);
  const isKnown = await deps.attempts.isNoted(keys.known, deps.clock.now());
  const ofAccount = { key: keys.account, max: signInsPerAccount * ALL_NETWORKS_FACTOR, windowMs };
  await take(deps, [
    { key: keys.address, max: signInsPerAddress, windowMs },
    { key: keys.pair, max: signInsPerAccount, windowMs },
    ...(isKnown ? [] : [ofAccount]),
  ]);
}

/** The password was right: what failed before was its owner, or does not matter any more. */
export async function forgetFailures(deps: ThrottleDeps, attempt: SignInAttempt): Promise<void> {
  const keys = keysOf(attempt);
  await deps.attempts.clear([keys.account, keys.pair]);
  await deps.attempts.note(keys.known, new Date(deps.clock.now().getTime() + KNOWN_FOR_MS));
}

/** @throws {Limited} `too-many-attempts` */
export async function countRegistration(deps: ThrottleDeps, address: string): Promise<void> {
  const max = deps.attemptLimits.registrationsPerAddress;
  const key = hashed('registration', networkOf(address));
  await take(deps, [{ key, max, windowMs: REGISTRATION_WINDOW_MS }]);
}

async function take(deps: ThrottleDeps, limits: readonly AttemptLimit[]): Promise<void> {
  const now = deps.clock.now();
  const again = await deps.attempts.take(
    limits.filter(({ max }) => max > 0),
    now,
  );
  if (again === undefined) return;
  const seconds = Math.max(1, Math.ceil((again.getTime() - now.getTime()) / 1000));
  throw new Limited('too-many-attempts', 'That was tried too often. Try again later.', seconds);
}

function keysOf({ email, address }: SignInAttempt) {
  const network = networkOf(address);
  return {
    address: hashed('sign-in', network),
    pair: hashed('sign-in', network, email),
    account: hashed('sign-in of', email),
    known: hashed('known', network, email),
  };
}

/** Neither addresses nor e-mail addresses are stored, but what only equals by them. */
function hashed(...parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
