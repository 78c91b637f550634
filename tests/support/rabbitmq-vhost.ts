import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll } from 'vitest';

export interface RabbitmqVhost {
  readonly name: string;
  /** For AMQP. */
  readonly url: string;
  /** Calls the management API: https://www.rabbitmq.com/docs/http-api-reference */
  api(method: string, path: string, body?: object): Promise<unknown>;
  allow(user: string): Promise<void>;
}

/** A virtual host of its own for the calling suite, dropped after it. */
export function rabbitmqVhost(
  urls: { readonly rabbitmq: string; readonly rabbitmqApi: string },
  suite: string,
): RabbitmqVhost {
  const name = `soundlift-test-${suite}-${randomBytes(4).toString('hex')}`;
  const url = new URL(urls.rabbitmq);
  url.pathname = `/${name}`;
  const api = managementApi(urls.rabbitmqApi);
  const allow = async (user: string) => {
    const everything = { configure: '.*', write: '.*', read: '.*' };
    await api('PUT', `/permissions/${name}/${encodeURIComponent(user)}`, everything);
  };
  beforeAll(async () => {
    await api('PUT', `/vhosts/${name}`, {});
    await allow(decodeURIComponent(url.username) || 'guest');
  });
  afterAll(() => api('DELETE', `/vhosts/${name}`));
  return { name, url: url.href, api, allow };
}

function managementApi(apiUrl: string): RabbitmqVhost['api'] {
  const { origin, username, password } = new URL(apiUrl);
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const headers = {
    authorization: `Basic ${Buffer.from(credentials).toString('base64')}`,
    'content-type': 'application/json',
  };
  return async (method, path, body) => {
    const init = { method, headers, signal: AbortSignal.timeout(20_000) };
    const response = await fetch(`${origin}/api${path}`, {
      ...init,
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  };
}
