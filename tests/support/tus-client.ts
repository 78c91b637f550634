import { ADA, type TestGateway } from './gateway.ts';
import { collect } from './generated-content.ts';

type Headers = Readonly<Record<string, string | undefined>>;

/** Requests of the protocol as they ought to be; a header that is `undefined` is left out. */
export function tusClient(gateway: TestGateway, who = ADA) {
  const send = async (path: string, method: string, given: Headers, body?: Uint8Array) => {
    const headers = Object.entries({ 'tus-resumable': '1.0.0', ...given }).flatMap(
      ([name, value]): [string, string][] => (value === undefined ? [] : [[name, value]]),
    );
    return await gateway.callAs(who, path, {
      method,
      headers,
      ...(body && { body: Uint8Array.from(body) }),
    });
  };
  return {
    send,
    create: (headers: Headers = {}, body?: Uint8Array) =>
      send('/api/v1/uploads', 'POST', { 'upload-length': '10', ...headers }, body),
    /** @returns its path */
    created: async (headers: Headers = {}): Promise<string> => {
      const answer = await send('/api/v1/uploads', 'POST', { 'upload-length': '10', ...headers });
      const location = answer.headers.get('location');
      if (answer.status !== 201 || location === null) {
        throw new Error(`${answer.status}: ${await answer.text()}`);
      }
      return location;
    },
    head: (path: string, headers: Headers = {}) => send(path, 'HEAD', headers),
    patch: (path: string, offset: number, body: Uint8Array, headers: Headers = {}) =>
      send(
        path,
        'PATCH',
        {
          'content-type': 'application/offset+octet-stream',
          'upload-offset': String(offset),
          ...headers,
        },
        body,
      ),
    terminate: (path: string) => send(path, 'DELETE', {}),
    options: (path = '/api/v1/uploads') => gateway.call(path, { method: 'OPTIONS' }),
  };
}

/** `/api/v1/uploads/<id>` → the id, which is the conversion's. */
export const idOf = (path: string) => path.slice(path.lastIndexOf('/') + 1);

/** Where the bytes of an upload are. */
export const videoOf = (path: string) => ({ bucket: 'videos', key: idOf(path) }) as const;

/** The video that an upload has become, as text. */
export async function storedVideo({ files }: TestGateway, path: string): Promise<string> {
  return (await collect(files.readRange(videoOf(path), { start: 0, end: 1e6 }))).toString();
}

/** `{ filename: 'a.mp4' }` → `filename YS5tcDQ=`. */
export function metadata(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([key, value]) => `${key} ${Buffer.from(value).toString('base64')}`)
    .join(',');
}
