import { beforeEach, describe, expect, test } from 'vitest';
import { createHmacLinkSigner } from '../../src/adapters/links/hmac.ts';
import { changeConversion } from '../../src/conversions/change-conversion.ts';
import { expired, linkGeneration } from '../../src/domain/conversion.ts';
import { problemSchema } from '../../src/http/problem-responses.ts';
import { ADA, EVE, type TestGateway, testGateway } from '../support/gateway.ts';
import { readyConversion } from '../support/ready-conversion.ts';

const MP3 = Uint8Array.from({ length: 3_000 }, (_, index) => index % 251);
const HOUR_MS = 3_600_000;

let gateway: TestGateway;
let id: string;
beforeEach(async () => {
  gateway = await testGateway();
  id = await readyConversion(gateway, { mp3: MP3 });
});

/** The link that a mail would have. */
async function link(given: { id?: string; purpose?: 'download' | 'stream' } = {}): Promise<string> {
  const { purpose = 'download', id: conversionId = id } = given;
  const conversion = await gateway.conversions.find(conversionId);
  const key = gateway.links.sign({
    purpose,
    conversionId,
    expiresAt: new Date(gateway.clock.now().getTime() + 24 * HOUR_MS),
    generation: conversion ? linkGeneration(conversion) : 0,
  });
  return `/api/v1/links/${conversionId}?key=${key}`;
}

async function refusal(path: string, method = 'GET') {
  const answer = await gateway.call(path, { method });
  const { status, code, detail } = problemSchema.parse(await answer.json());
  expect(answer.status).toBe(status);
  return { status, code, detail };
}

describe('the link of a mail', () => {
  test('gives the MP3 without a token, as often as it is asked, to GET and HEAD', async () => {
    const path = await link();
    for (const method of ['HEAD', 'GET', 'HEAD', 'GET']) {
      const answer = await gateway.call(path, { method });
      expect(answer.status).toBe(200);
      expect(answer.headers.get('content-length')).toBe('3000');
      const body = new Uint8Array(await answer.arrayBuffer());
      expect(body).toEqual(method === 'GET' ? MP3 : new Uint8Array());
    }
  });

  test('leaves the record as it was', async () => {
    const before = await gateway.conversions.find(id);
    await gateway.call(await link());
    expect(await gateway.conversions.find(id)).toEqual(before);
  });

  test('has ranges, conditions and inline, as the download has', async () => {
    const path = await link();
    const part = await gateway.call(path, { headers: { range: 'bytes=10-19' } });
    expect(part.status).toBe(206);
    expect(part.headers.get('content-range')).toBe('bytes 10-19/3000');
    const known = { 'if-none-match': `"${id}.token"` };
    expect((await gateway.call(path, { headers: known })).status).toBe(304);
    const outside = await gateway.call(path, { headers: { range: 'bytes=3000-' } });
    expect(outside.headers.get('content-range')).toBe('bytes */3000');
    const inline = await gateway.call(`${path}&inline=1`);
    expect(inline.headers.get('content-disposition')).toBe('inline; filename="holiday.mp3"');
  });

  test('is told to nobody: no Referer, no shared cache; and plays on any page', async () => {
    const { headers } = await gateway.call(await link());
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('cache-control')).toMatch(/^private\b/);
    expect(headers.get('cross-origin-resource-policy')).toBe('cross-origin');
  });

  test('works until its time is over, to the second', async () => {
    const path = await link();
    gateway.clock.advance(24 * HOUR_MS - 1_000);
    expect((await gateway.call(path)).status).toBe(200);
    gateway.clock.advance(1_000);
    const { status, code, detail } = await refusal(path);
    expect({ status, code }).toEqual({ status: 410, code: 'link-expired' });
    expect(detail).toContain(`/api/v1/files/${id}`);
  });

  test('says that the MP3 has expired when it has', async () => {
    const path = await link();
    await changeConversion(gateway.conversions, id, (it) => expired(it, gateway.clock.now()));
    expect(await refusal(path)).toMatchObject({ status: 410, code: 'expired' });
  });
});

describe('a link that is not right', () => {
  test.each([
    ['without a key', (path: string) => path.replace(/\?.*/, '')],
    ['that was cut', (path: string) => path.slice(0, -1)],
    ['with a longer time', (path: string) => path.replace(/v1\.(\d+)/, (_, s) => `v1.${+s + 1}`)],
    ['of another generation', (path: string) => path.replace(/\.0\./, '.1.')],
    ['of another version', (path: string) => path.replace('v1.', 'v2.')],
    ['with zeros before the time', (path: string) => path.replace('v1.', 'v1.0')],
    ['with another last letter', (path: string) => path.slice(0, -1) + nextTo(path.at(-1) ?? '')],
  ])('%s is 404 that says what to do', async (_what, spoil) => {
    const { status, code, detail } = await refusal(spoil(await link()));
    expect({ status, code }).toEqual({ status: 404, code: 'not-found' });
    expect(detail).toContain('Copy the whole');
  });

  test('opens no other conversion, and not the stream', async () => {
    const other = await readyConversion(gateway, { mp3: MP3 });
    const path = await link();
    expect((await refusal(path.replace(id, other))).status).toBe(404);
    expect((await refusal(await link({ purpose: 'stream' }))).status).toBe(404);
  });

  test('does not tell whether there is such a conversion', async () => {
    const gone = '0199e0a8-7f1c-7c5e-9d55-3f7c2c3f9a10';
    const there = await refusal(`/api/v1/links/${id}?key=v1.1.0.x`);
    const notThere = await refusal(`/api/v1/links/${gone}?key=v1.1.0.x`);
    expect(notThere).toEqual({ ...there, detail: there.detail.replace(id, gone) });
  });

  test('signed by another secret is none', async () => {
    const grant = { purpose: 'download', conversionId: id } as const;
    const signer = createHmacLinkSigner({ secret: 'another secret, also of 32 characters' });
    const key = signer.sign({ ...grant, expiresAt: new Date(Date.now() + 1e9), generation: 0 });
    expect(signer.read(key, grant)).toMatchObject({ generation: 0 });
    expect(gateway.links.read(key, grant)).toBeUndefined();
  });
});

describe('DELETE /api/v1/files/{id}/links', () => {
  const revoke = (who: typeof ADA, of = id) =>
    gateway.callAs(who, `/api/v1/files/${of}/links`, { method: 'DELETE' });

  test('ends every link given so far, and none that is given later', async () => {
    const [first, second] = [await link(), await link()];
    expect((await revoke(ADA)).status).toBe(204);
    for (const path of [first, second]) {
      const { status, code, detail } = await refusal(path);
      expect({ status, code }).toEqual({ status: 410, code: 'link-revoked' });
      expect(detail).toContain('sign in');
    }
    expect((await gateway.call(await link())).status).toBe(200);
    expect((await gateway.callAs(ADA, `/api/v1/files/${id}`)).status).toBe(200);
  });

  test('is for the owner alone', async () => {
    const path = await link();
    expect((await revoke(EVE)).status).toBe(404);
    expect((await gateway.call(`/api/v1/files/${id}/links`, { method: 'DELETE' })).status).toBe(
      401,
    );
    expect((await gateway.call(path)).status).toBe(200);
  });

  test('answers 404 where there is nothing, and 422 for an id that is none', async () => {
    expect((await revoke(ADA, '0199e0a8-7f1c-7c5e-9d55-3f7c2c3f9a10')).status).toBe(404);
    expect((await revoke(ADA, '1')).status).toBe(422);
  });
});

test('a conversion that is removed takes its links with it', async () => {
  const path = await link();
  await gateway.callAs(ADA, `/api/v1/files/${id}`, { method: 'DELETE' });
  expect(await refusal(path)).toMatchObject({ status: 410, code: 'link-revoked' });
});

test('a key is never in the log', async () => {
  const path = await link();
  await gateway.call(path);
  await gateway.call(path.slice(0, -1));
  const log = gateway.log();
  expect(log).toContain(`/api/v1/links/${id}`);
  expect(log).not.toContain('key');
  expect(log).not.toContain('v1.');
});

/** Another letter of base64url that stands for the same first four bits. */
function nextTo(letter: string): string {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  return letters[letters.indexOf(letter) ^ 1] ?? '';
}
