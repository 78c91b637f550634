import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { z } from 'zod';

const tokensSchema = z.object({ access_token: z.string(), refresh_token: z.string() });
const acceptedSchema = z.object({ file_id: z.string(), filename: z.string(), status: z.string() });
const statusSchema = z.looseObject({
  status: z.string(),
  progress: z.number(),
  attempts: z.number(),
  duration_seconds: z.number().nullable(),
  audio_size_bytes: z.number().nullable(),
  error: z.object({ code: z.string(), detail: z.string() }).nullable(),
});

type ConversionStatus = z.infer<typeof statusSchema>;

export interface SignedInClient {
  readonly email: string;
  readonly accessToken: string;
  upload(path: string, fields?: Record<string, string>): Promise<z.infer<typeof acceptedSchema>>;
  status(id: string): Promise<ConversionStatus>;
  get(path: string, headers?: Record<string, string>): Promise<Response>;
  post(path: string): Promise<Response>;
  delete(path: string): Promise<Response>;
}

const PASSWORD = 'correct horse battery';

/** Registers a new user at a running service and signs in, as the README's curl commands do. */
export async function signedInClient(url: string, name: string): Promise<SignedInClient> {
  const email = `${name}-${crypto.randomUUID().slice(0, 8)}@example.org`;
  const registered = await postJson(`${url}/api/v1/users`, {
    email,
    password: PASSWORD,
    full_name: name,
  });
  await expectStatus(registered, 201);
  const answer = await postJson(`${url}/api/v1/auth/token`, { email, password: PASSWORD });
  await expectStatus(answer, 200);
  const { access_token: accessToken } = tokensSchema.parse(await answer.json());
  const authorization = `Bearer ${accessToken}`;
  const get = (path: string, headers: Record<string, string> = {}) =>
    fetch(`${url}${path}`, { headers: { authorization, ...headers } });

  return {
    email,
    accessToken,
    get,
    post: (path) => fetch(`${url}${path}`, { method: 'POST', headers: { authorization } }),
    delete: (path) => fetch(`${url}${path}`, { method: 'DELETE', headers: { authorization } }),
    async upload(path, fields = {}) {
      const form = new FormData();
      for (const [field, value] of Object.entries(fields)) form.set(field, value);
      form.set('video', new File([await readFile(path)], basename(path)));
      const uploaded = await fetch(`${url}/api/v1/files/`, {
        method: 'POST',
        headers: { authorization },
        body: form,
      });
      await expectStatus(uploaded, 202);
      return acceptedSchema.parse(await uploaded.json());
    },
    async status(id) {
      const found = await get(`/api/v1/files/${id}/status`);
      await expectStatus(found, 200);
      return statusSchema.parse(await found.json());
    },
  };
}

function postJson(url: string, body: unknown): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

async function expectStatus(response: Response, status: number): Promise<void> {
  if (response.status === status) return;
  throw new Error(`${response.url} answered ${response.status}: ${await response.text()}`);
}
