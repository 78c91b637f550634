import { createHash } from 'node:crypto';
import { z } from 'zod';
import { createJoseTokenSigner, generateSigningKey } from '../../../src/adapters/tokens/jose.ts';
import { TOKEN_PARTIES } from '../../../src/compose.ts';
import { ADA } from '../../support/gateway.ts';

const { privateJwk, publicJwk } = await generateSigningKey();

/** What Ada shows; it is good for longer than any enumeration takes. */
export const BEARER = `Bearer ${await createJoseTokenSigner({
  privateJwk,
  ...TOKEN_PARTIES,
}).sign(ADA, new Date(), 24 * 60 * 60)}`;

/** All settings of all functions but where the stores are. */
export function settingsFor(given: { readonly mailUrl: string; readonly temporary: string }) {
  return {
    PUBLIC_URL: 'http://127.0.0.1:1',
    LINK_SECRET: 'a secret of a test, 32 characters',
    TOKEN_PUBLIC_KEYS: JSON.stringify({ keys: [publicJwk] }),
    MAIL_URL: given.mailUrl,
    TMPDIR: given.temporary,
    PATH: process.env['PATH'] ?? '',
  };
}

export function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** The part of a record that is looked at. */
export const recordSchema = z.object({
  id: z.string(),
  state: z.string(),
  outbox: z
    .string()
    .nullish()
    .transform((value) => value ?? undefined),
  lease: z.unknown().optional(),
  notifiedAt: z.unknown().optional(),
  audio: z
    .object({ key: z.string() })
    .nullish()
    .transform((value) => value ?? undefined),
});
