import { expect, test } from 'vitest';
import { keepBytes } from '../../scripts/start/keep-bytes.ts';

const PART = 'application/offset+octet-stream';

/** How serverless-offline reads a body; its own code, which is not exported. */
async function encodingOf(type: string, change: typeof keepBytes = () => {}) {
  const path = '../../node_modules/serverless-offline/src/utils/index.js';
  const detectEncoding: unknown = (await import(path)).detectEncoding;
  if (typeof detectEncoding !== 'function') throw new Error('serverless-offline has changed');
  const request = { headers: { 'content-type': type } };
  change(request);
  return detectEncoding(request);
}

test('serverless-offline still spoils parts of uploads; if it does not, scripts/start/keep-bytes.ts can go', async () => {
  expect(await encodingOf(PART)).toBe('utf8');
});

test.each([PART, 'video/mp4', 'multipart/form-data; boundary=x'])(
  '%s stays bytes',
  async (type) => {
    expect(await encodingOf(type, keepBytes)).toBe('binary');
  },
);

test.each(['application/json', 'application/merge-patch+json', 'text/plain; charset=utf-8'])(
  '%s stays text',
  async (type) => {
    expect(await encodingOf(type, keepBytes)).toBe('utf8');
  },
);
