import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readIfThere } from './read-if-there.ts';

/** The secret that signs links: made once, kept in the data folder, readable by its owner alone. */
export function linkSecret(dataDirectory: string): string {
  const directory = join(dataDirectory, 'keys');
  const path = join(directory, 'link.secret');
  const kept = readIfThere(path);
  if (kept !== undefined) return kept;
  const secret = newLinkSecret();
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  writeFileSync(path, secret, { mode: 0o600 });
  return secret;
}

/** As many bits as SHA-256 has; RFC 2104, section 3: fewer are discouraged, more bring little. */
export function newLinkSecret(): string {
  return randomBytes(32).toString('base64url');
}
