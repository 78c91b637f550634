import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { isFrontDoor, openFrontDoor } from '../../scripts/stage/front-door.ts';
import { freePort } from '../../scripts/start/ports.ts';

/** An API below a path, and a door before it. @returns the address of the door */
async function doorTo(listener: RequestListener): Promise<{ url: string; port: number }> {
  const api = createServer(listener).listen(0, '127.0.0.1');
  await once(api, 'listening');
  const address = api.address();
  if (address === null || typeof address === 'string') throw new Error('no TCP port');
  const port = await freePort();
  const door = await openFrontDoor(port, async () => {
    return new URL(`http://127.0.0.1:${address.port}/_aws/execute-api/abc/$default`);
  });
  onTestFinished(async () => {
    await door.close();
    api.closeAllConnections();
    api.close();
  });
  return { url: `http://127.0.0.1:${port}`, port };
}

test('a request comes below the path of the API, by the byte, and so does its answer', async () => {
  const { url } = await doorTo(async (request, response) => {
    const body = await buffer(request);
    response.writeHead(201, { location: '/api/v1/uploads/1', 'x-seen': `${request.url}` });
    response.end(Buffer.concat([Buffer.from(`${request.method} `), body]));
  });
  const content = Buffer.from([0, 255, 13, 10, 128]);
  const answer = await fetch(`${url}/api/v1/files/?name=%C3%9Cber`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/offset+octet-stream' },
    body: content,
  });
  expect(answer.status).toBe(201);
  expect(answer.headers.get('x-seen')).toBe(
    '/_aws/execute-api/abc/$default/api/v1/files/?name=%C3%9Cber',
  );
  expect(answer.headers.get('location')).toBe('/api/v1/uploads/1');
  const expected = Buffer.concat([Buffer.from('PATCH '), content]);
  expect(Buffer.from(await answer.arrayBuffer())).toEqual(expected);
});

test('an API that is gone is 502, and says why', async () => {
  const port = await freePort();
  const door = await openFrontDoor(port, async () => {
    throw new Error('the stage local is not deployed');
  });
  onTestFinished(() => door.close());
  const answer = await fetch(`http://127.0.0.1:${port}/health`);
  expect(answer.status).toBe(502);
  expect(await answer.json()).toMatchObject({ detail: 'the stage local is not deployed' });
  expect(await isFrontDoor(port)).toBe(true);
});

test('an answer that breaks off does not look whole', async () => {
  const { url } = await doorTo((_request, response) => {
    response.writeHead(200, { 'content-length': '100' });
    response.write('half', () => response.destroy());
  });
  const answer = await fetch(url);
  await expect(answer.arrayBuffer()).rejects.toThrow();
});

test('another server at the port is no door', async () => {
  const other = createServer((_request, response) => void response.end()).listen(0, '127.0.0.1');
  await once(other, 'listening');
  onTestFinished(() => void other.close());
  const address = other.address();
  if (address === null || typeof address === 'string') throw new Error('no TCP port');
  expect(await isFrontDoor(address.port)).toBe(false);
  expect(await isFrontDoor(await freePort())).toBe(false);
});
