import { InvalidInput } from './errors.ts';

export interface User {
  /** UUIDv7. */
  readonly id: string;
  /** Lower-case, as `normalizeEmail` leaves it: the only form that is stored and compared. */
  readonly email: string;
  readonly fullName: string;
  readonly passwordHash: string;
  readonly createdAt: Date;
}

/** What an access token says about the one who carries it. */
export interface Identity {
  readonly userId: string;
  readonly email: string;
  /** The family of refresh tokens that this sign-in started; revoking it ends the session. */
  readonly sessionId: string;
}

/**
 * One refresh token of a session. Tokens of one session form a family: each use replaces the token
 * by the next, and a token that is used twice tells of a theft (RFC 9700, section 4.14.2).
 */
export interface RefreshToken {
  /** SHA-256 of the token, hex: the token itself is never stored. */
  readonly tokenHash: string;
  readonly sessionId: string;
  readonly userId: string;
  readonly expiresAt: Date;
}

const PASSWORD_MIN_CHARACTERS = 8;
/** bcrypt reads 72 bytes and ignores the rest, so a longer password is refused instead of cut. */
const PASSWORD_MAX_BYTES = 72;

/** E-mail addresses are compared without regard to case, everywhere. */
export function normalizeEmail(email: string): string {
  return email.trim().toLowerCase();
}

/** @throws {InvalidInput} when the password is under 8 characters or over 72 bytes of UTF-8 */
export function checkPassword(password: string): void {
  if ([...password].length < PASSWORD_MIN_CHARACTERS) {
    throw new InvalidInput([
      { field: 'password', message: `must have at least ${PASSWORD_MIN_CHARACTERS} characters` },
    ]);
  }
  if (Buffer.byteLength(password, 'utf8') > PASSWORD_MAX_BYTES) {
    throw new InvalidInput([
      { field: 'password', message: `must not be longer than ${PASSWORD_MAX_BYTES} bytes` },
    ]);
  }
}
