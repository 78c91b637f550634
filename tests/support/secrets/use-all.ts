/**
 * The whole service in this process, used as it is meant to be and otherwise. Into the file of its last
 * argument go the secrets that it has had to do with, to standard output the answers that refuse.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { startInProcess } from '../in-process-service.ts';
import { mailsTo } from '../mailbox.ts';
import { sample } from '../media.ts';

const [dataDirectory = '', secretsPath = ''] = process.argv.slice(2);
const PASSWORD = 'SeCrEt horse battery "\\ staple';
const EMAIL = 'ada@example.org';
const tokensSchema = z.object({ access_token: z.string(), refresh_token: z.string() });

const service = await startInProcess(dataDirectory);
const keys = (name: string) => readFileSync(join(dataDirectory, 'keys', name), 'utf8').trim();
const { d } = z.object({ d: z.string() }).parse(JSON.parse(keys('private.jwk.json')));
const secrets = [PASSWORD, encodeURIComponent(PASSWORD), d, keys('link.secret')];

async function call(path: string, init: RequestInit = {}): Promise<Response> {
  const answer = await fetch(`${service.url}${path}`, init);
  const shown = answer.clone();
  if (!answer.ok)
    process.stdout.write(`${path.split('?')[0]} ${answer.status} ${await shown.text()}\n`);
  return answer;
}
const post = (path: string, body: unknown) =>
  call(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
async function tokens(answer: Response) {
  const { access_token: access, refresh_token: refresh } = tokensSchema.parse(await answer.json());
  secrets.push(access, refresh);
  return { access, refresh };
}
const upload = (access: string, content: Buffer<ArrayBuffer>, name: string) => {
  const body = new FormData();
  body.set('video', new File([content], name));
  return call('/api/v1/files', { method: 'POST', headers: bearer(access), body });
};
const bearer = (access: string) => ({ authorization: `Bearer ${access}` });

await post('/api/v1/users', { email: EMAIL, password: PASSWORD, full_name: 'Ada' });
await post('/api/v1/users', { email: EMAIL, password: PASSWORD, full_name: 'Ada' });
await post('/api/v1/users', {
  email: 'x',
  password: `${PASSWORD}${'y'.repeat(80)}`,
  full_name: [],
});
await post('/api/v1/auth/token', `{"email":"${EMAIL}","password":"SeCrEt horse`);
await post('/api/v1/auth/token', { email: EMAIL, password: [PASSWORD] });
await post('/api/v1/auth/token', { email: EMAIL, password: `${PASSWORD}!` });
const first = await tokens(await post('/api/v1/auth/token', { email: EMAIL, password: PASSWORD }));
const second = await tokens(await post('/api/v1/auth/refresh', { refresh_token: first.refresh }));
await call('/api/v1/auth/validate', { headers: bearer(`${second.access}x`) });
await call(`/api/v1/files?access_token=${second.access}&limit=x`, {
  headers: bearer(second.access),
});
await upload(second.access, readFileSync(await sample('wav')), 'sound.wav');
await upload(second.access, Buffer.from('not a video'), 'nothing.mp4');

let mails = await mailsTo(service.mailUrl, EMAIL);
const deadline = Date.now() + 60_000;
while (mails.length < 2) {
  if (Date.now() > deadline) throw new Error(`${mails.length} mails came, of two`);
  await new Promise((resolve) => setTimeout(resolve, 200));
  mails = await mailsTo(service.mailUrl, EMAIL);
}
const link = mails.flatMap(({ text = '' }) => text.match(/\/api\/v1\/links\/\S+/) ?? [])[0] ?? '';
const key = new URL(link, service.url).searchParams.get('key') ?? '';
secrets.push(key);
await call(link);
await call(link.replace(key, `${key}x`));
await call(link.replace(/links\/[^?]+/, 'links/0199e0a8-7f1c-7c5e-9d55-3f7c2c3f9a10'));
// Used twice: the session ends.
await post('/api/v1/auth/refresh', { refresh_token: first.refresh });
await post('/api/v1/auth/refresh', { refresh_token: second.refresh });
await call('/api/v1/users/me', { method: 'DELETE', headers: bearer(second.access) });
writeFileSync(secretsPath, JSON.stringify(secrets));
await service.stop();
process.stdout.write('all was used\n');
process.exit(0);
