import { type ExactJson, isJsonObject, parseExactJson } from './exact-json.ts';
import { compilePattern, type Matches, PatternError } from './filter-pattern.ts';

/** Says whether a message with this body goes to the function. */
export type EventFilter = (body: Uint8Array) => boolean;

const MOST_FILTERS = 10;

/**
 * Compiles the filters of a mapping: a message goes to the function when one of them matches, or when
 * there are none.
 *
 * A filter is about JSON or about a plain string, and so is a message. Where they differ, and where a
 * message is no UTF-8, "Lambda processes metadata filters only"; and since "Amazon MQ event source
 * mappings only support filtering on the data key", nothing is left to keep the message out.
 * https://docs.aws.amazon.com/lambda/latest/dg/with-mq-filtering.html
 *
 * @param patterns in JSON, as in `FilterCriteria.Filters[].Pattern`
 * @throws {PatternError} for a pattern that Lambda would refuse
 */
export function createEventFilter(patterns: readonly string[]): EventFilter {
  if (patterns.length > MOST_FILTERS) {
    throw new PatternError(`a mapping has at most ${MOST_FILTERS} filters, not ${patterns.length}`);
  }
  if (patterns.length === 0) return () => true;
  const filters = patterns.map(compileFilter);
  return (body) => {
    const data = decode(body);
    return data === undefined || filters.some((filter) => filter(data));
  };
}

type Data = { readonly json: ExactJson } | { readonly text: string };

function compileFilter(pattern: string): (data: Data) => boolean {
  const parsed = parsePattern(pattern);
  const { data, ...others } = parsed;
  const [other] = Object.keys(others);
  if (other !== undefined) {
    throw new PatternError(`${other} cannot be filtered by: Amazon MQ's filters only know data`);
  }
  if (data === undefined) return () => true;
  const matches: Matches = compilePattern('data', data);
  const isForText = Array.isArray(data);
  return (message) => {
    if ('text' in message) return !isForText || matches(message.text);
    return isForText || matches(message.json);
  };
}

function parsePattern(pattern: string): { readonly [name: string]: ExactJson } {
  try {
    const parsed = parseExactJson(pattern);
    if (isJsonObject(parsed)) return parsed;
  } catch {
    // Said below.
  }
  throw new PatternError(`${pattern} is no JSON object such as {"data":{"type":["a"]}}`);
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Undefined for what is not UTF-8. */
function decode(body: Uint8Array): Data | undefined {
  let text: string;
  try {
    text = utf8.decode(body);
  } catch {
    return undefined;
  }
  try {
    const json = parseExactJson(text);
    if (typeof json === 'object' && json !== null && (isJsonObject(json) || Array.isArray(json))) {
      return { json };
    }
  } catch {
    // A plain string.
  }
  return { text };
}
