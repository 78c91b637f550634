import { createBcryptPasswordHasher } from '../../src/adapters/passwords/bcrypt.ts';
import {
  createJoseTokenSigner,
  createJoseTokenVerifier,
  generateSigningKey,
} from '../../src/adapters/tokens/jose.ts';
import { fakeAttemptStore } from './fake-attempt-store.ts';
import { fakeClock } from './fake-clock.ts';
import { fakeSessionStore } from './fake-session-store.ts';
import { fakeUserStore } from './fake-user-store.ts';

const names = { issuer: 'soundlift', audience: 'soundlift-api' };
const { privateJwk, publicJwk } = await generateSigningKey();

/** All that the use cases of *users* need, new and empty. */
export function usersDeps({ databaseAnswers = true } = {}) {
  const sessions = fakeSessionStore({ answers: databaseAnswers });
  const clock = fakeClock();
  return {
    sessions,
    attempts: fakeAttemptStore({ answers: databaseAnswers }),
    attemptLimits: {
      signInsPerAccount: 10,
      signInsPerAddress: 100,
      signInWindowMs: 15 * 60_000,
      registrationsPerAddress: 20,
    },
    clock,
    users: fakeUserStore({ sessions, answers: databaseAnswers }),
    passwords: createBcryptPasswordHasher({ cost: 4 }),
    tokens: createJoseTokenSigner({ privateJwk, ...names }),
    verifier: createJoseTokenVerifier({ jwks: { keys: [publicJwk] }, ...names, clock }),
    adminEmails: ['Root@Example.org'],
  };
}
