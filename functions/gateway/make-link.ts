import type { Identity } from '../../src/domain/user.ts';
import type { FileStore } from '../../src/ports/file-store.ts';
import type { OpenLinkDeps } from './open-link.ts';
import { readyAudio } from './ready-audio.ts';
import { showConversion } from './show-conversion.ts';

/** A page makes another when it needs one: a link that gets around ends soon. */
const TTL_MS = 60 * 60_000;

export interface MakeLinkDeps extends OpenLinkDeps {
  readonly files: FileStore;
  /** Where the service is reached, without a slash at the end. */
  readonly publicUrl: string;
}

/**
 * A link to the MP3 of one's own conversion, for what cannot send a token. It never works longer than
 * there is something to download.
 *
 * @throws {Refused} `not-found`, `not-ready`, `conversion-failed`, `cancelled` or `expired`
 */
export async function makeLink(
  deps: MakeLinkDeps,
  input: { readonly owner: Identity; readonly id: string },
): Promise<{ readonly url: string; readonly expiresAt: Date }> {
  const conversion = await showConversion(deps, input);
  const { conversionId, linkGeneration: generation } = await readyAudio(deps.files, conversion);
  const untilMs = Math.min(
    deps.clock.now().getTime() + TTL_MS,
    conversion.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY,
  );
  // A key has its time to the second.
  const expiresAt = new Date(Math.floor(untilMs / 1_000) * 1_000);
  const key = deps.links.sign({ purpose: 'download', conversionId, expiresAt, generation });
  return { url: `${deps.publicUrl}/api/v1/links/${conversionId}?key=${key}`, expiresAt };
}
