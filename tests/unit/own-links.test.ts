import { beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { ADA, EVE, type TestGateway, testGateway, uploadBody } from '../support/gateway.ts';
import { readyConversion } from '../support/ready-conversion.ts';

const MP3 = Uint8Array.from({ length: 3_000 }, (_, index) => index % 251);
const HOUR_MS = 3_600_000;
const linkSchema = z.object({ url: z.url(), expires_at: z.iso.datetime() });

let gateway: TestGateway;
let id: string;
beforeEach(async () => {
  gateway = await testGateway();
  id = await readyConversion(gateway, { mp3: MP3 });
});

const ask = (who = ADA, of = id) =>
  gateway.callAs(who, `/api/v1/files/${of}/links`, { method: 'POST' });
async function link() {
  const { url, expires_at } = linkSchema.parse(await (await ask()).json());
  return { path: url.replace('https://soundlift.example', ''), expiresAt: new Date(expires_at) };
}

test('a link plays and saves the MP3 without a token, for an hour', async () => {
  const { path, expiresAt } = await link();
  expect(expiresAt.getTime() - gateway.clock.now().getTime()).toBe(HOUR_MS);

  const [saved, played] = [await gateway.call(path), await gateway.call(`${path}&inline=1`)];
  expect(new Uint8Array(await saved.arrayBuffer())).toEqual(MP3);
  expect(saved.headers.get('content-disposition')).toMatch(/^attachment/);
  expect(played.headers.get('content-disposition')).toMatch(/^inline/);
  gateway.clock.advance(HOUR_MS);
  expect((await gateway.call(path)).status).toBe(410);
});

test('a link never works longer than there is an MP3', async () => {
  const conversion = await gateway.conversions.find(id);
  const endsAt = conversion?.expiresAt ?? new Date(0);
  gateway.clock.set(new Date(endsAt.getTime() - 60_000));

  expect((await link()).expiresAt).toEqual(endsAt);
});

test('a script of another page may read what a link opens, by ranges too', async () => {
  const { path } = await link();
  const answer = await gateway.call(path, { headers: { range: 'bytes=0-9' } });
  expect(answer.headers.get('access-control-allow-origin')).toBe('*');
  expect(answer.headers.get('access-control-expose-headers')).toContain('content-range');
});

test('its owner ends a link, and nobody else makes one', async () => {
  const { path } = await link();
  await gateway.callAs(ADA, `/api/v1/files/${id}/links`, { method: 'DELETE' });

  expect((await gateway.call(path)).status).toBe(410);
  expect((await ask(EVE)).status).toBe(404);
  const unsigned = await gateway.call(`/api/v1/files/${id}/links`, { method: 'POST' });
  expect(unsigned.status).toBe(401);
});

test('there is no link to an MP3 that is not there yet', async () => {
  const body = uploadBody(new File(['video'], 'holiday.mp4'));
  const upload = await gateway.callAs(ADA, '/api/v1/files', { method: 'POST', body });
  const { file_id } = z.object({ file_id: z.string() }).parse(await upload.json());

  const answer = await ask(ADA, file_id);
  expect([answer.status, Object(await answer.json()).code]).toEqual([409, 'not-ready']);
});
