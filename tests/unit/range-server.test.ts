import { request } from 'node:http';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type RangeServer, serveRanges } from '../../src/adapters/transcoder/range-server.ts';
import type { ByteRange } from '../../src/domain/media.ts';
import type { MediaSource } from '../../src/ports/transcoder.ts';
import { bytesAt, contentOf } from '../support/generated-content.ts';

const MIB = 1024 * 1024;
const SIZE = 20 * MIB;

const asked: ByteRange[] = [];
const source: MediaSource = {
  sizeBytes: SIZE,
  readRange(range) {
    asked.push(range);
    return contentOf(range.start, range.end);
  },
};
const onRead = vi.fn();
const onSourceError = vi.fn();
let server: RangeServer;

beforeEach(async () => {
  asked.length = 0;
  vi.clearAllMocks();
  server = await serveRanges(source, { onRead, onSourceError });
});
afterEach(() => server.close());

const get = (range?: string, method = 'GET') =>
  fetch(server.url, { method, headers: range === undefined ? {} : { range } });

describe('the range server', () => {
  it.each([
    ['bytes=0-0', 0, 1],
    ['bytes=100-299', 100, 300],
    [`bytes=${SIZE - 5}-`, SIZE - 5, SIZE],
    [`bytes=${SIZE - 5}-${SIZE + 100}`, SIZE - 5, SIZE],
  ])('answers %s with that range', async (range, start, end) => {
    const answer = await get(range);
    expect(answer.status).toBe(206);
    expect(answer.headers.get('content-range')).toBe(`bytes ${start}-${end - 1}/${SIZE}`);
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(bytesAt(start, end));
    expect(asked).toEqual([{ start, end }]);
    expect(onRead.mock.calls.flat()).toEqual([end - start]);
  });

  it('gives everything to who asks for no range, in parts that grow to a limit', async () => {
    const answer = await get();
    expect(answer.status).toBe(200);
    expect(answer.headers.get('accept-ranges')).toBe('bytes');
    expect(bytesAt(0, SIZE).equals(Buffer.from(await answer.arrayBuffer()))).toBe(true);
    const sizes = asked.map(({ start, end }) => (end - start) / MIB);
    expect(sizes.slice(0, 6)).toEqual([0.25, 0.5, 1, 2, 4, 4]);
    expect(Math.max(...sizes)).toBe(4);
  });

  it('answers HEAD without reading anything', async () => {
    const answer = await get(undefined, 'HEAD');
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-length')).toBe(String(SIZE));
    expect(asked).toEqual([]);
  });

  it('refuses a range outside, another method, and every other path', async () => {
    const outside = await get(`bytes=${SIZE}-`);
    expect(outside.status).toBe(416);
    expect(outside.headers.get('content-range')).toBe(`bytes */${SIZE}`);
    expect((await get('bytes=5-4')).status).toBe(416);
    expect((await get(undefined, 'POST')).status).toBe(405);
    const { origin } = new URL(server.url);
    for (const path of ['/', '/x', `${new URL(server.url).pathname}x`]) {
      expect((await fetch(origin + path)).status).toBe(404);
    }
    expect(asked).toEqual([]);
  });

  it('has an address of its own on this machine only', async () => {
    const other = await serveRanges(source, { onRead, onSourceError });
    await other.close();
    expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/[\w-]{32}$/);
    expect(new URL(other.url).pathname).not.toBe(new URL(server.url).pathname);
    await expect(fetch(other.url)).rejects.toThrow();
  });

  it('reads little ahead of a client that does not take what it is sent', async () => {
    const client = request(server.url, (response) => response.pause()).end();
    const read = () => onRead.mock.calls.flat().reduce((sum, bytes) => sum + bytes, 0);
    await expect.poll(read).toBeGreaterThan(MIB);
    let before = -1;
    await expect
      .poll(() => {
        const isAtRest = read() === before;
        before = read();
        return isAtRest;
      })
      .toBe(true);
    expect(read()).toBeLessThan(SIZE);
    client.destroy();
    expect(onSourceError).not.toHaveBeenCalled();
  });
});

describe('a source that fails', () => {
  async function serve(readRange: MediaSource['readRange']): Promise<RangeServer> {
    return await serveRanges({ sizeBytes: SIZE, readRange }, { onRead, onSourceError });
  }

  it('cuts the connection and is told', async () => {
    const error = new Error('the store is gone');
    const failing = await serve(async function* ({ start }) {
      if (start > 0) throw error;
      yield* contentOf(0, 256 * 1024);
    });
    const answer = await fetch(failing.url);
    await expect(answer.arrayBuffer()).rejects.toThrow();
    expect(onSourceError.mock.calls).toEqual([[error]]);
    await failing.close();
  });

  it('fails also by ending before the end', async () => {
    const short = await serve(async function* () {
      yield new Uint8Array(10);
    });
    await expect(fetch(short.url).then((answer) => answer.arrayBuffer())).rejects.toThrow();
    expect(onSourceError.mock.calls[0]?.[0]).toMatchObject({ code: 'unavailable', part: 'files' });
    await short.close();
  });
});
