import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { ADA, testGateway, uploadBody } from '../support/gateway.ts';

const acceptedSchema = z.object({ file_id: z.uuid(), filename: z.string() });

const NAMES: Readonly<Record<string, string>> = {
  'climbs out of its folder': '../../../../etc/passwd',
  'climbs out of a folder of Windows': '..\\..\\windows\\system.ini',
  'is a folder': '..',
  'has a NUL': 'a\0b.mp4',
  'has lines': 'a\r\nx-evil: 1\r\n\r\n.mp4',
  'has quotes': 'a"; filename="evil.exe',
  'is a command': '$(touch /tmp/evil) `id`; rm -rf / | cat && true.mp4',
  'is an option': '-i /etc/passwd -f mp3',
  'names a protocol': 'concat:/etc/passwd|x',
  'turns text around': 'a\u202e3pm.exe',
  'is 10 kB long': `${'n'.repeat(10_240)}.mp4`,
  'is of broken characters': 'a\ud800b.mp4',
  'is markup': '<img src=x onerror=alert(1)>.mp4',
};

/** By multipart, and by tus, whose header takes any byte in base64. */
const WAYS = {
  'in a form': async (gateway: Awaited<ReturnType<typeof testGateway>>, name: string) =>
    gateway.callAs(ADA, '/api/v1/files', {
      method: 'POST',
      body: uploadBody(new File(['a video'], name)),
    }),
  'by tus': async (gateway: Awaited<ReturnType<typeof testGateway>>, name: string) =>
    gateway.callAs(ADA, '/api/v1/uploads', {
      method: 'POST',
      headers: {
        'tus-resumable': '1.0.0',
        'upload-length': '7',
        'upload-metadata': `filename ${Buffer.from(name).toString('base64')}`,
      },
    }),
};

describe.each(Object.entries(WAYS))('a name that is given %s', (way, send) => {
  test.each(Object.entries(NAMES))('and %s is only shown, or refused', async (_, name) => {
    const gateway = await testGateway();
    const answer = await send(gateway, name);
    expect(answer.status).toBeLessThan(500);
    if (!answer.ok) return;
    const list = await gateway.callAs(ADA, '/api/v1/files');
    const page = z.object({ items: z.array(z.looseObject({ filename: z.string() })) });
    const [item] = page.parse(await list.json()).items;
    const shown = item?.filename ?? '';
    expect(shown).not.toMatch(/[/\\]|\p{Cc}|[\u202a-\u202e\u2066-\u2069]/u);
    expect([...shown].length).toBeGreaterThan(0);
    expect([...shown].length).toBeLessThanOrEqual(200);
    const headers = [...answer.headers].map(([key]) => key);
    expect(headers).not.toContain('x-evil');
    if (way === 'in a form') acceptedSchema.parse(await answer.json());
  });
});

test('names are no part of where a video is kept', async () => {
  const gateway = await testGateway();
  const answer = await WAYS['in a form'](gateway, '../../escape.mp4');
  const { file_id: id } = acceptedSchema.parse(await answer.json());
  expect(await gateway.files.stat({ bucket: 'videos', key: id })).toMatchObject({ sizeBytes: 7 });
});
