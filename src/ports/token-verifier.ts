import type { Identity } from '../domain/user.ts';

/** An access token whose signature, issuer, audience and time are right. */
export interface VerifiedToken {
  readonly identity: Identity;
  readonly issuedAt: Date;
  readonly expiresAt: Date;
}

export interface TokenVerifier {
  /** @throws {Refused} `not-authenticated` */
  verify(token: string): Promise<VerifiedToken>;
  /** The public keys as RFC 7517 JWK Set. */
  readonly jwks: { readonly keys: readonly Record<string, unknown>[] };
}
