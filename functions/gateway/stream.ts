import { composeStream, loadSettings } from '../../src/compose.ts';
import { streamConfig } from '../../src/config.ts';
import { createStreamingHandler } from '../../src/lambda/streaming.ts';
import { wrapStreaming } from '../../src/lambda/wrap.ts';
import { createStreamApp } from './stream-app.ts';

/** A Function URL that streams: an MP3 that is larger than an answer of *gateway* can be. */
export const handler = wrapStreaming(async () => {
  const deps = await composeStream(await loadSettings(streamConfig));
  return createStreamingHandler(createStreamApp(deps), deps.logger);
});
