import { readFileSync } from 'node:fs';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { describe, expect, test } from 'vitest';
import { createHttpHandler } from '../../src/lambda/http.ts';
import { createLogger } from '../../src/logger.ts';
import { lambdaContext } from '../support/http-event.ts';

const logger = createLogger({ name: 'test', level: 'silent' });

function fixture(name: string): APIGatewayProxyEventV2 {
  const path = new URL(`../events/http-api-v2/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(path, 'utf8'));
}

/** Calls the handler with an app that answers by what it was asked. */
async function request(event: APIGatewayProxyEventV2): Promise<Request> {
  let seen: Request | undefined;
  const app = {
    fetch(asked: Request) {
      seen = asked;
      return new Response(null, { status: 204 });
    },
  };
  await createHttpHandler(app, logger)(event, lambdaContext);
  if (seen === undefined) throw new Error('the app was not asked');
  return seen;
}

function answer(response: Response | Error) {
  const app = {
    fetch() {
      if (response instanceof Error) throw response;
      return response;
    },
  };
  return createHttpHandler(app, logger)(fixture('get-health'), lambdaContext);
}

describe('a request', () => {
  test('has the event’s method, address and headers', async () => {
    const event = { ...fixture('get-health'), rawQueryString: 'limit=2&cursor=a%20b' };
    const asked = await request({ ...event, cookies: ['a=1', 'b=2'] });
    expect(asked.method).toBe('GET');
    expect(new URL(asked.url).pathname).toBe('/health');
    expect(new URL(asked.url).searchParams.get('cursor')).toBe('a b');
    expect(asked.headers.get('user-agent')).toBe('curl/8.5.0');
    expect(asked.headers.get('cookie')).toBe('a=1; b=2');
  });

  test('leaves out header values that cannot be HTTP', async () => {
    const event = fixture('get-health');
    event.headers['x-name'] = '日本';
    event.headers['x-latin'] = 'é';
    const asked = await request(event);
    expect(asked.headers.get('x-name')).toBeNull();
    expect(asked.headers.get('x-latin')).toBe('é');
  });

  test('may have null for a body, as serverless-offline sends it', async () => {
    const asked = await request(fixture('delete-from-serverless-offline'));
    expect(asked.method).toBe('DELETE');
    expect(await asked.text()).toBe('');
  });

  test.each([false, 0])(
    'has the JSON %s for a body, as serverless-offline sends it',
    async (body) => {
      const template = fixture('delete-from-serverless-offline');
      const asked = await request(JSON.parse(JSON.stringify({ ...template, body })));
      expect(await asked.text()).toBe(String(body));
    },
  );

  test.each(['TRACE', 'CONNECT'])('with the method %s reaches the app', async (method) => {
    const event = fixture('get-health');
    event.requestContext.http.method = method;
    expect((await request(event)).method).toBe(`X-${method}`);
  });

  test('has the bytes of a base64 body and their number', async () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
    const event = fixture('delete-from-serverless-offline');
    event.body = Buffer.from(bytes).toString('base64');
    event.isBase64Encoded = true;
    const asked = await request(event);
    expect(asked.headers.get('content-length')).toBe('256');
    expect(new Uint8Array(await asked.arrayBuffer())).toEqual(bytes);
  });
});

describe('a response', () => {
  test('of text is sent as text', async () => {
    expect(await answer(Response.json({ a: 'ü' }, { status: 201 }))).toMatchObject({
      statusCode: 201,
      headers: { 'content-type': 'application/json' },
      body: '{"a":"ü"}',
      isBase64Encoded: false,
    });
  });

  test('of bytes is sent as base64', async () => {
    const bytes = Buffer.from([0, 255, 128]);
    const headers = { 'content-type': 'audio/mpeg' };
    expect(await answer(new Response(bytes, { headers }))).toMatchObject({
      body: bytes.toString('base64'),
      isBase64Encoded: true,
    });
  });

  test('has its cookies apart from the headers', async () => {
    const headers = [
      ['set-cookie', 'a=1; HttpOnly'],
      ['set-cookie', 'b=2'],
    ] as [string, string][];
    const result = await answer(new Response('', { headers }));
    expect(result.cookies).toEqual(['a=1; HttpOnly', 'b=2']);
    expect(result.headers).not.toHaveProperty('set-cookie');
  });

  test('is a problem before the function’s time is over', async () => {
    const app = { fetch: () => new Promise<Response>(() => {}) };
    const context = { ...lambdaContext, getRemainingTimeInMillis: () => 510 };
    const result = await createHttpHandler(app, logger)(fixture('get-health'), context);
    expect(result).toMatchObject({ statusCode: 503, headers: { 'retry-after': '5' } });
  });

  test('is a problem that tells nothing when the app throws', async () => {
    const result = await answer(new Error('password=hunter2'));
    expect(result.statusCode).toBe(500);
    expect(result.body).not.toContain('hunter2');
    expect(JSON.parse(result.body ?? '')).toMatchObject({
      code: 'internal',
      request_id: lambdaContext.awsRequestId,
    });
  });
});
