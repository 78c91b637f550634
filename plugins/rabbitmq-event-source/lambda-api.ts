import type { CallAws } from './aws-api.ts';

/** An event source mapping as `ListEventSourceMappings` shows it, or as a template declares it. */
export type MappingRecord = Readonly<Record<string, unknown>>;

/**
 * Every event source mapping of the account and the region, page by page.
 * https://docs.aws.amazon.com/lambda/latest/api/API_ListEventSourceMappings.html
 */
export async function listMappings(call: CallAws): Promise<MappingRecord[]> {
  const mappings: MappingRecord[] = [];
  let marker: string | undefined;
  do {
    const query = marker === undefined ? '' : `?Marker=${encodeURIComponent(marker)}`;
    const path = `/2015-03-31/event-source-mappings${query}`;
    const page = parse(await call('lambda', { method: 'GET', path, headers: {}, body: '' }));
    const { EventSourceMappings: records, NextMarker: next } = page;
    if (Array.isArray(records)) mappings.push(...records);
    marker = typeof next === 'string' && next !== '' ? next : undefined;
  } while (marker !== undefined);
  return mappings;
}

/**
 * How long a function may take, in seconds.
 * https://docs.aws.amazon.com/lambda/latest/api/API_GetFunctionConfiguration.html
 */
export async function functionTimeoutSeconds(
  call: CallAws,
  functionName: string,
): Promise<number | undefined> {
  const path = `/2015-03-31/functions/${encodeURIComponent(functionName)}/configuration`;
  const answer = await call('lambda', { method: 'GET', path, headers: {}, body: '' });
  const { Timeout: timeout } = parse(answer);
  return typeof timeout === 'number' ? timeout : undefined;
}

function parse(json: string): Record<string, unknown> {
  return Object(JSON.parse(json)) as Record<string, unknown>;
}
