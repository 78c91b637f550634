import { randomUUID } from 'node:crypto';
import {
  calculateJwkThumbprint,
  createLocalJWKSet,
  errors,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
  jwtVerify,
  SignJWT,
} from 'jose';
import * as z from 'zod';
import { Refused } from '../../domain/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import type { TokenSigner } from '../../ports/token-signer.ts';
import type { TokenVerifier, VerifiedToken } from '../../ports/token-verifier.ts';

/** The one algorithm, whatever a token's header asks for (RFC 8725, section 3.1). */
const ALGORITHM = 'EdDSA';
/** Tells access tokens from every other JWT that the key may come to sign (RFC 9068, section 2.1). */
const TYPE = 'at+jwt';
/** How far the clocks of the one who signs and the one who verifies may be apart. */
const CLOCK_SKEW_SECONDS = 5;

const publicJwkSchema = z.object({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  x: z.string().min(1),
  kid: z.string().min(1),
});
const privateJwkSchema = publicJwkSchema.extend({ d: z.string().min(1) });

/**
 * The whole header of a token that was signed here. With any other member it is not: what a token says
 * of keys (`jwk`, `jku`, `x5u`) is never followed, and no extension (`crit`) is known (RFC 7515, section 4.1.11).
 */
const headerSchema = z.strictObject({
  alg: z.literal(ALGORITHM),
  typ: z.literal(TYPE),
  kid: z.string().min(1),
});

const claimsSchema = z.object({
  sub: z.string().min(1),
  email: z.string().min(1),
  sid: z.string().min(1),
  jti: z.string().min(1),
  iat: z.number(),
  exp: z.number(),
});

export interface JoseTokenSignerOptions {
  /** Ed25519, with `kid` and `d`, as `generateSigningKey` makes it. */
  readonly privateJwk: Readonly<Record<string, unknown>>;
  readonly issuer: string;
  readonly audience: string;
}

/** @throws {z.ZodError} when the key is none that can sign */
export function createJoseTokenSigner(options: JoseTokenSignerOptions): TokenSigner {
  const jwk = privateJwkSchema.parse(options.privateJwk);
  let importing: ReturnType<typeof importJWK> | undefined;

  return {
    async sign({ userId, email, sessionId }, now, lifetimeSeconds) {
      importing ??= importJWK(jwk, ALGORITHM);
      const issuedAt = Math.floor(now.getTime() / 1000);
      return new SignJWT({ email, sid: sessionId })
        .setProtectedHeader({ alg: ALGORITHM, typ: TYPE, kid: jwk.kid })
        .setSubject(userId)
        .setIssuer(options.issuer)
        .setAudience(options.audience)
        .setIssuedAt(issuedAt)
        .setExpirationTime(issuedAt + lifetimeSeconds)
        .setJti(randomUUID())
        .sign(await importing);
    },
  };
}

export interface JoseTokenVerifierOptions {
  /**
   * To change keys, add the new one here before anything is signed with it, and take the old one
   * away when its last token has run out: docs/deploying.md has the order.
   */
  readonly jwks: { readonly keys: readonly Readonly<Record<string, unknown>>[] };
  readonly issuer: string;
  readonly audience: string;
  readonly clock: Clock;
}

/** @throws {z.ZodError} when one of the keys is not Ed25519 or has no `kid` */
export function createJoseTokenVerifier(options: JoseTokenVerifierOptions): TokenVerifier {
  const keys = options.jwks.keys.map(toPublicJwk);
  const findByKid = createLocalJWKSet({ keys });

  return {
    jwks: { keys },
    async verify(token) {
      const now = options.clock.now();
      try {
        requireCanonical(token);
        // Without a kid, jose would take the only key that fits.
        const { payload } = await jwtVerify(
          token,
          (header, input) => findByKid(headerSchema.parse(header), input),
          {
            algorithms: [ALGORITHM],
            typ: TYPE,
            issuer: options.issuer,
            audience: options.audience,
            currentDate: now,
          },
        );
        return toVerifiedToken(payload, now);
      } catch (cause) {
        throw toRefused(cause);
      }
    },
  };
}

/** A new key pair; its `kid` is its RFC 7638 thumbprint. */
export async function generateSigningKey(): Promise<{ privateJwk: JWK; publicJwk: JWK }> {
  const { privateKey } = await generateKeyPair(ALGORITHM, { crv: 'Ed25519', extractable: true });
  const jwk = await exportJWK(privateKey);
  const kid = await calculateJwkThumbprint(jwk);
  const privateJwk = { ...jwk, kid, alg: ALGORITHM, use: 'sig' };
  return { privateJwk, publicJwk: toPublicJwk(privateJwk) };
}

/** Leaves out `d` and whatever else is not for everyone. */
export function toPublicJwk(jwk: Readonly<Record<string, unknown>>) {
  return { ...publicJwkSchema.parse(jwk), alg: ALGORITHM, use: 'sig' };
}

/**
 * Each of the three parts in the one way in which RFC 7515, section 2, writes it: no padding, no white
 * space, no bits that are not read. Otherwise one token could be written in several ways.
 */
function requireCanonical(token: string): void {
  const parts = token.split('.');
  const isCanonical = (part: string) =>
    part !== '' && Buffer.from(part, 'base64url').toString('base64url') === part;
  if (parts.length !== 3 || !parts.every(isCanonical)) {
    throw new errors.JWSInvalid('it is not three parts of canonical base64url');
  }
}

function toVerifiedToken(payload: unknown, now: Date): VerifiedToken {
  const { sub, email, sid, iat, exp } = claimsSchema.parse(payload);
  if (iat > now.getTime() / 1000 + CLOCK_SKEW_SECONDS) {
    throw new errors.JWTInvalid('the token was issued in the future');
  }
  return {
    identity: { userId: sub, email, sessionId: sid },
    issuedAt: new Date(iat * 1000),
    expiresAt: new Date(exp * 1000),
  };
}

/** What is wrong with a token is for the log; its bearer learns only whether to sign in again. */
function toRefused(cause: unknown): unknown {
  if (cause instanceof errors.JWTExpired) {
    return new Refused('not-authenticated', 'the access token has expired', { cause });
  }
  if (cause instanceof errors.JOSEError || cause instanceof z.ZodError) {
    return new Refused('not-authenticated', 'the access token is not valid', { cause });
  }
  return cause;
}
