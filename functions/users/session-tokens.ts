import { createHash, randomBytes } from 'node:crypto';

/** What the one who signs in gets. */
export interface SessionTokens {
  readonly accessToken: string;
  readonly refreshToken: string;
  /** How long the access token is valid. */
  readonly expiresInSeconds: number;
}

export const ACCESS_TOKEN_LIFETIME_SECONDS = 15 * 60;
export const REFRESH_TOKEN_LIFETIME_SECONDS = 60 * 60;

/** A refresh token, and what is stored of it. */
export interface NewRefreshToken {
  readonly refreshToken: string;
  readonly tokenHash: string;
  readonly expiresAt: Date;
}

/** 256 random bits: nobody guesses them, so a fast hash without a salt is enough to hide them. */
export function newRefreshToken(now: Date): NewRefreshToken {
  const refreshToken = randomBytes(32).toString('base64url');
  return {
    refreshToken,
    tokenHash: hashRefreshToken(refreshToken),
    expiresAt: new Date(now.getTime() + REFRESH_TOKEN_LIFETIME_SECONDS * 1000),
  };
}

export function hashRefreshToken(refreshToken: string): string {
  return createHash('sha256').update(refreshToken, 'utf8').digest('hex');
}
