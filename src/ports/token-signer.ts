import type { Identity } from '../domain/user.ts';

/** Makes the access tokens that everyone else verifies. */
export interface TokenSigner {
  /** A JWT that is valid from `now` for `lifetimeSeconds`. */
  sign(identity: Identity, now: Date, lifetimeSeconds: number): Promise<string>;
}
