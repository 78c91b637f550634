import { readFile } from 'node:fs/promises';
import {
  createServer,
  type IncomingMessage,
  type ServerResponse,
  request as sendRequest,
} from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { freePort } from '../../scripts/start/ports.ts';

const FOLDER = 'web/dist';
const COOKIE = 'soundlift_session';
const COOKIE_PATH = '/api/v1/auth/session';

const CSP = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "media-src 'self' blob:",
  "connect-src 'self'",
  "manifest-src 'self'",
  "worker-src 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'self'",
].join('; ');

const manifestSchema = z.object({
  files: z.record(z.string(), z.object({ file: z.string(), type: z.string() })),
});
const tokensSchema = z.object({
  access_token: z.string(),
  refresh_token: z.string(),
  token_type: z.string(),
  expires_in: z.number(),
});

export interface PageHost {
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * The page and its session in front of a service whose *gateway* does not serve them yet: the same
 * addresses, cookie and policy, made of what the service has. With one that does, it is not needed.
 */
export async function startPageHost(serviceUrl: string): Promise<PageHost> {
  const { files } = manifestSchema.parse(
    JSON.parse(await readFile(join(FOLDER, 'manifest.json'), 'utf8')),
  );
  const port = await freePort();
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      response.writeHead(500).end(String(error));
    });
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', serviceUrl);
    const file = files[pathname.startsWith('/c/') ? '/' : pathname];
    if (file !== undefined) {
      const content = await readFile(join(FOLDER, file.file));
      response.writeHead(200, { 'content-type': file.type, 'content-security-policy': CSP });
      response.end(content);
    } else if (pathname.startsWith(COOKIE_PATH)) await answerSession(request, response, pathname);
    else if (request.method === 'POST' && pathname.endsWith('/links')) {
      giveLink(request, response, pathname);
    } else if (pathname.startsWith('/api/v1/links/')) {
      const inline = searchParams.get('inline') ?? '0';
      const path = `${pathname.replace('/links/', '/files/')}?inline=${inline}`;
      pass(request, response, path, { authorization: `Bearer ${searchParams.get('key')}` });
    } else pass(request, response, request.url ?? '/', {});
  }

  function giveLink(request: IncomingMessage, response: ServerResponse, pathname: string): void {
    const [id] = pathname.split('/').slice(-2);
    const token = request.headers.authorization?.replace('Bearer ', '') ?? '';
    const url = `http://localhost:${port}/api/v1/links/${id}?key=${token}`;
    sendJson(response, 200, { url, expires_at: new Date(Date.now() + 3_600_000).toISOString() });
  }

  /** The refresh token is in the cookie alone. */
  async function answerSession(
    request: IncomingMessage,
    response: ServerResponse,
    pathname: string,
  ): Promise<void> {
    const held = new RegExp(`${COOKIE}=([^;]+)`).exec(request.headers.cookie ?? '')?.[1] ?? '';
    const setCookie = (value: string, maxAge: number) =>
      response.setHeader(
        'set-cookie',
        `${COOKIE}=${value}; HttpOnly; SameSite=Strict; Path=${COOKIE_PATH}; Max-Age=${maxAge}`,
      );
    if (request.method === 'DELETE') {
      setCookie('', 0);
      response.writeHead(204).end();
      return;
    }
    const isRefresh = pathname.endsWith('/refresh');
    const answered = await fetch(`${serviceUrl}/api/v1/auth/${isRefresh ? 'refresh' : 'token'}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: isRefresh ? JSON.stringify({ refresh_token: held || 'none' }) : await text(request),
    });
    const body: unknown = await answered.json();
    if (!answered.ok) return sendJson(response, answered.status, body);
    const { refresh_token, ...rest } = tokensSchema.parse(body);
    setCookie(refresh_token, 3600);
    sendJson(response, 200, rest);
  }

  function pass(
    request: IncomingMessage,
    response: ServerResponse,
    path: string,
    headers: Record<string, string>,
  ): void {
    const sent = sendRequest(
      new URL(path, serviceUrl),
      { method: request.method, headers: { ...request.headers, ...headers } },
      (answered) => {
        response.writeHead(answered.statusCode ?? 502, answered.headers);
        answered.pipe(response);
      },
    );
    sent.on('error', () => response.destroy());
    request.on('error', () => sent.destroy());
    response.on('close', () => sent.destroy());
    request.pipe(sent);
  }

  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    url: `http://localhost:${port}`,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
