import { composeConverter, loadSettings } from '../../src/compose.ts';
import { converterConfig } from '../../src/config.ts';
import { type ConsumerDeps, createConsumer } from '../../src/lambda/consumer.ts';
import { wrap } from '../../src/lambda/wrap.ts';
import { type ConvertDeps, convertVideo, giveUp } from './convert-video.ts';

/** `video.uploaded` → the MP3. */
export const createHandler = (deps: ConvertDeps & ConsumerDeps) =>
  createConsumer(deps, {
    handle: ({ conversionId }, timeLeftMs) => convertVideo(deps, { conversionId, timeLeftMs }),
    giveUp: ({ conversionId }) => giveUp(deps, conversionId),
  });

export const handler = wrap(async () =>
  createHandler(await composeConverter(await loadSettings(converterConfig))),
);
