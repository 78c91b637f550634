import createClient from 'openapi-fetch';
import type { Conversion } from '../conversions/conversion.ts';
import type { Session, Token, User } from '../session/session.ts';
import { Problem, problemOf, unreachable } from './problem.ts';
import type { components, paths } from './schema.ts';

type Calls = ReturnType<typeof createClient<paths>>;

interface Answer<Data> {
  readonly data?: Data | undefined;
  readonly error?: unknown;
  readonly response: Response;
}

/** @throws {Problem} for whatever is not what was asked for */
async function answered<Data>(call: Promise<Answer<Data>>): Promise<Answer<Data>> {
  const answer = await call.catch((cause: unknown) => {
    throw unreachable(cause);
  });
  if (!answer.response.ok) throw problemOf(answer.response.status, answer.error);
  return answer;
}

async function dataOf<Data>(call: Promise<Answer<Data>>): Promise<Data> {
  const { data, response } = await answered(call);
  if (data === undefined) throw new Problem({ code: 'empty-answer', status: response.status });
  return data;
}

const toToken = ({ access_token, expires_in }: { access_token: string; expires_in: number }) => ({
  value: access_token,
  expiresInSeconds: expires_in,
});

const toUser = ({ id, email, full_name }: components['schemas']['User']): User => ({
  id,
  email,
  fullName: full_name,
});

/** What needs no token, or the cookie of the session alone: docs/api.md. */
export function createSessionApi() {
  const client = createClient<paths>();
  return {
    begin: async (body: { email: string; password: string }): Promise<Token> =>
      toToken(await dataOf(client.POST('/api/v1/auth/session', { body }))),
    refresh: async (): Promise<Token> =>
      toToken(await dataOf(client.POST('/api/v1/auth/session/refresh'))),
    end: async (): Promise<void> => void (await answered(client.DELETE('/api/v1/auth/session'))),
    showUser: async (token: string): Promise<User> => {
      const headers = { authorization: `Bearer ${token}` };
      return toUser(await dataOf(client.GET('/api/v1/users/me', { headers })));
    },
    register: async (given: { email: string; password: string; fullName: string }) => {
      const { email, password, fullName: full_name } = given;
      await answered(client.POST('/api/v1/users', { body: { email, password, full_name } }));
    },
  };
}

export interface Link {
  readonly url: string;
  readonly expiresAt: Date;
}

export interface Api {
  list(query: { readonly limit: number; readonly cursor?: string }): Promise<{
    readonly items: readonly Conversion[];
    readonly next: string | null;
  }>;
  show(id: string): Promise<Conversion>;
  cancel(id: string): Promise<Conversion>;
  remove(id: string): Promise<void>;
  /** A link that opens the MP3 without a token, for an hour. */
  link(id: string): Promise<Link>;
  endLinks(id: string): Promise<void>;
  /** How far an upload of whatever device has come. */
  showUpload(id: string): Promise<{ readonly sentBytes: number; readonly sizeBytes: number }>;
}

/** What a user does, with a token that works; a 401 is tried once more with a fresh one. */
export function createApi(session: Pick<Session, 'accessToken' | 'tokenRefused'>): Api {
  const client = createClient<paths>();

  async function signed<Data>(call: (client: Calls, headers: Bearer) => Promise<Answer<Data>>) {
    const token = await session.accessToken();
    try {
      return await answered(call(client, { authorization: `Bearer ${token}` }));
    } catch (error) {
      const isRefused = error instanceof Problem && error.status === 401;
      if (!isRefused || !(await session.tokenRefused(token))) throw error;
      return await answered(
        call(client, { authorization: `Bearer ${await session.accessToken()}` }),
      );
    }
  }
  const dataOfSigned = async <Data>(call: Parameters<typeof signed<Data>>[0]) =>
    await dataOf(signed(call));

  return {
    list: (query) =>
      dataOfSigned((calls, headers) => calls.GET('/api/v1/files', { params: { query }, headers })),
    show: (id) =>
      dataOfSigned((calls, headers) =>
        calls.GET('/api/v1/files/{id}/status', { params: { path: { id } }, headers }),
      ),
    cancel: (id) =>
      dataOfSigned((calls, headers) =>
        calls.POST('/api/v1/files/{id}/cancel', { params: { path: { id } }, headers }),
      ),
    async remove(id) {
      await signed((calls, headers) =>
        calls.DELETE('/api/v1/files/{id}', { params: { path: { id } }, headers }),
      );
    },
    async link(id) {
      const { url, expires_at } = await dataOfSigned((calls, headers) =>
        calls.POST('/api/v1/files/{id}/links', { params: { path: { id } }, headers }),
      );
      return { url, expiresAt: new Date(expires_at) };
    },
    async endLinks(id) {
      await signed((calls, headers) =>
        calls.DELETE('/api/v1/files/{id}/links', { params: { path: { id } }, headers }),
      );
    },
    async showUpload(id) {
      const { response } = await signed((_calls, headers) => headUpload(id, headers));
      const header = (name: string) => Number(response.headers.get(name));
      return { sentBytes: header('upload-offset'), sizeBytes: header('upload-length') };
    },
  };
}

type Bearer = Readonly<Record<'authorization', string>>;

/** The generated client does without HEAD of tus: what counts there are headers. */
async function headUpload(id: string, headers: Bearer): Promise<Answer<never>> {
  const response = await fetch(`/api/v1/uploads/${id}`, {
    method: 'HEAD',
    headers: { ...headers, 'tus-resumable': '1.0.0' },
  });
  return { response };
}
