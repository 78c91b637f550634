/** Resolves with what was answered, or undefined. Rejects unless it is a success. */
type CallManagement = (method: string, path: string, body?: object) => Promise<unknown>;

/** Calls RabbitMQ's management API: https://www.rabbitmq.com/docs/http-api-reference */
export function managementApi(url: string): CallManagement {
  const { origin, username, password } = new URL(url);
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const headers = {
    authorization: `Basic ${Buffer.from(credentials).toString('base64')}`,
    'content-type': 'application/json',
  };
  return async (method, path, body) => {
    const init = { method, headers, signal: AbortSignal.timeout(20_000) };
    const response = await fetch(`${origin}/api${path}`, {
      ...init,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }).catch((cause: Error) => {
      const advice = 'give the address of RabbitMQ’s management API by --management';
      throw new Error(`${origin} does not answer; ${advice}`, { cause });
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  };
}
