import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ConfigurationError } from './configuration-error.ts';
import type { PluginOptions } from './plugin-options.ts';
import type { MessageSource } from './source.ts';

/** What a source module exports as its default. */
type OpenSource = () => Promise<MessageSource>;

/**
 * Opens the source that the options name.
 *
 * @param serviceDir where a module's relative path begins
 */
export async function openSource(
  from: PluginOptions['from'],
  serviceDir: string,
): Promise<MessageSource> {
  if ('module' in from) return (await loadModule(resolve(serviceDir, from.module)))();
  // Loaded here, since the plugin is part of every CLI command and amqplib of this one only.
  const { createRabbitmqSource } = await import('./rabbitmq-source.ts');
  return createRabbitmqSource({ url: from.broker });
}

async function loadModule(path: string): Promise<OpenSource> {
  const module: { readonly default?: unknown } = await import(pathToFileURL(path).href);
  if (isOpenSource(module.default)) return module.default;
  throw new ConfigurationError(`${path} must export a function that opens a source as its default`);
}

function isOpenSource(value: unknown): value is OpenSource {
  return typeof value === 'function';
}
