import { createHmac, timingSafeEqual } from 'node:crypto';
import type { LinkGrant, LinkSigner } from '../../ports/link-signer.ts';

/** Signed with everything else: a key of another version, or of another service, is no key. */
const VERSION = 'v1';
const CONTEXT = `soundlift-link ${VERSION}`;

/** `v1.<expiry in seconds>.<generation>.<HMAC-SHA256, base64url>` */
const KEY = /^v1\.([0-9]{1,12})\.([0-9]{1,9})\.([\w-]{43})$/;

/**
 * Keys by HMAC-SHA256 (RFC 2104). Nothing is stored: the key itself says until when it holds.
 *
 * @param options.secret at least 32 characters; a new one ends every link that the old one signed
 */
export function createHmacLinkSigner(options: { readonly secret: string }): LinkSigner {
  /** Every part on a line of its own, and none has a line break in it: two grants never read alike. */
  function signatureOf(parts: readonly string[]): string {
    const text = [CONTEXT, ...parts].join('\n');
    return createHmac('sha256', options.secret).update(text).digest('base64url');
  }

  return {
    sign({ purpose, conversionId, expiresAt, generation }: LinkGrant) {
      const expiry = String(Math.floor(expiresAt.getTime() / 1_000));
      const signature = signatureOf([purpose, conversionId, expiry, String(generation)]);
      return `${VERSION}.${expiry}.${generation}.${signature}`;
    },
    read(key, { purpose, conversionId }) {
      const [, expiry, generation, signature] = KEY.exec(key) ?? [];
      if (expiry === undefined || generation === undefined || signature === undefined) {
        return undefined;
      }
      // The texts are compared, not the bytes: base64url can write the last of them in four ways.
      const expected = signatureOf([purpose, conversionId, expiry, generation]);
      if (!timingSafeEqual(Buffer.from(signature), Buffer.from(expected))) return undefined;
      return { expiresAt: new Date(Number(expiry) * 1_000), generation: Number(generation) };
    },
  };
}
