import { type Api, createApi } from '../../src/http/api.ts';
import type { Logger } from '../../src/logger.ts';
import type { FileStore } from '../../src/ports/file-store.ts';
import { allowEveryOrigin, answerAudio } from './answer-audio.ts';
import { type OpenLinkDeps, openLink } from './open-link.ts';
import { readyAudio } from './ready-audio.ts';

export interface StreamDeps extends OpenLinkDeps {
  readonly files: FileStore;
  readonly logger: Logger;
  /** What the host streams in one answer at the most; `undefined`: anything. */
  readonly maxBytes: number | undefined;
}

/** What *gateway* sends on to (stream-address.ts): MP3s of any size, by addresses that end soon. */
export function createStreamApp(deps: StreamDeps): Api {
  const maxBytes = deps.maxBytes ?? Number.POSITIVE_INFINITY;
  const carrier = { maxPartBytes: maxBytes, maxWholeBytes: maxBytes };
  const api = createApi(deps);

  api.get('/:id', async (context) => {
    context.header('cache-control', 'private, no-store');
    // The page that plays it is *gateway*'s or somebody else's, and never this function's.
    context.header('cross-origin-resource-policy', 'cross-origin');
    allowEveryOrigin(context);
    const { key = '', inline } = context.req.query();
    const conversion = await openLink(deps, {
      purpose: 'stream',
      id: context.req.param('id'),
      key,
    });
    const audio = await readyAudio(deps.files, conversion);
    return answerAudio(context, audio, { carrier, isInline: inline === '1' });
  });

  return api;
}
