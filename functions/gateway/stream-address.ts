import type { Clock } from '../../src/ports/clock.ts';
import type { LinkSigner } from '../../src/ports/link-signer.ts';
import type { AudioDownload } from './ready-audio.ts';

/** Time enough to follow a redirect; a download that has begun may take as long as it takes. */
const TTL_MS = 5 * 60_000;

/** Where a download is streamed that is too large for one answer of *gateway*. */
export function streamAddress(
  deps: { readonly links: LinkSigner; readonly clock: Clock },
  given: {
    /** Without a slash at the end. */
    readonly streamUrl: string;
    readonly audio: Pick<AudioDownload, 'conversionId' | 'linkGeneration'>;
    readonly isInline: boolean;
  },
): string {
  const { conversionId, linkGeneration: generation } = given.audio;
  const expiresAt = new Date(deps.clock.now().getTime() + TTL_MS);
  const key = deps.links.sign({ purpose: 'stream', conversionId, expiresAt, generation });
  return `${given.streamUrl}/${conversionId}?key=${key}${given.isInline ? '&inline=1' : ''}`;
}
