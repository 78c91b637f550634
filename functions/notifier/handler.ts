import { composeNotifier, loadSettings } from '../../src/compose.ts';
import { notifierConfig } from '../../src/config.ts';
import { type ConsumerDeps, createConsumer } from '../../src/lambda/consumer.ts';
import { wrap } from '../../src/lambda/wrap.ts';
import { type NotifyDeps, notifyOwner } from './notify-owner.ts';

/** `audio.ready`, `conversion.failed` → an e-mail. */
export const createHandler = (deps: NotifyDeps & ConsumerDeps) =>
  createConsumer(deps, { handle: (message) => notifyOwner(deps, message) });

export const handler = wrap(async () =>
  createHandler(await composeNotifier(await loadSettings(notifierConfig))),
);
