import { parseEventDefinition } from './event-definition.ts';
import type { Mapping } from './poller.ts';

/** The part of the Serverless CLI's service model that is read here. */
export interface Service {
  readonly provider: { readonly timeout?: number };
  getAllFunctions(): string[];
  getFunction(key: string): { readonly name: string; readonly timeout?: number };
  getAllEventsInFunction(key: string): readonly Readonly<Record<string, unknown>>[];
}

/** Lambda's own default; the Serverless CLI sets the same. */
const DEFAULT_TIMEOUT_SECONDS = 6;
/** A first call may have to bundle the function and to start a worker. */
const TIMEOUT_MARGIN_MS = 10_000;

/**
 * Every enabled `rabbitmq` event of a service.
 *
 * @throws {ConfigurationError} for the first event that is wrong
 */
export function mappingsOf(service: Service): Mapping[] {
  return service.getAllFunctions().flatMap((key) => {
    const { name, timeout } = service.getFunction(key);
    const timeoutSeconds = timeout ?? service.provider.timeout ?? DEFAULT_TIMEOUT_SECONDS;
    return service
      .getAllEventsInFunction(key)
      .filter((event) => 'rabbitmq' in event)
      .map(({ rabbitmq }) => parseEventDefinition(`functions.${key}, rabbitmq event`, rabbitmq))
      .filter(({ enabled }) => enabled)
      .map(({ enabled: _, ...definition }) => ({
        ...definition,
        functionName: name,
        timeoutMs: timeoutSeconds * 1000 + TIMEOUT_MARGIN_MS,
      }));
  });
}
