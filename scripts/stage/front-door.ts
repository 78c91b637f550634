import { once } from 'node:events';
import {
  Agent,
  createServer,
  type IncomingMessage,
  type ServerResponse,
  request as send,
} from 'node:http';
import { pipeline } from 'node:stream';

/** RFC 9110, section 7.6.3: what stands between the two says so in `Via`. */
const NAME = 'soundlift-front-door';

/** RFC 9110, section 7.6.1: these are said to the next one only, and not passed on. */
const HOP_BY_HOP =
  /^(connection|keep-alive|proxy-connection|te|trailer|transfer-encoding|upgrade)$/i;

export interface FrontDoor {
  close(): Promise<void>;
}

/**
 * An emulated HTTP API has its address below a path (`/_aws/execute-api/<id>/$default`) or a host
 * name that few systems resolve. What the API answers has addresses of its root in it, as it has on
 * AWS: `Location`, the documentation page, links in mails. So it is given a root: bytes go through as
 * they come, both ways.
 *
 * @param locate the address of the API, asked for each request: a stage that is deployed anew may
 *   have another one
 */
export async function openFrontDoor(port: number, locate: () => Promise<URL>): Promise<FrontDoor> {
  const agent = new Agent({ keepAlive: true });
  const server = createServer((request, response) => {
    locate().then(
      (api) => passOn(request, response, api, agent),
      (error) => refuse(response, error),
    );
  });
  // An upload may take as long as it takes.
  server.requestTimeout = 0;
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      agent.destroy();
      await closed;
    },
  };
}

/** Whether it is one of these that answers at a port of this machine. */
export async function isFrontDoor(port: number): Promise<boolean> {
  return await fetch(`http://127.0.0.1:${port}/health`, {
    signal: AbortSignal.timeout(10_000),
  }).then(
    ({ headers }) => headers.get('via')?.includes(NAME) ?? false,
    () => false,
  );
}

function passOn(request: IncomingMessage, response: ServerResponse, api: URL, agent: Agent): void {
  const upstream = send({
    host: api.hostname,
    port: api.port,
    path: `${api.pathname}${request.url}`,
    method: request.method,
    headers: endToEnd(request.rawHeaders),
    agent,
  });
  upstream.once('response', (answer) => {
    const headers = [...endToEnd(answer.rawHeaders), 'Via', `1.1 ${NAME}`];
    response.writeHead(answer.statusCode ?? 502, headers);
    pipeline(answer, response, () => undefined);
  });
  upstream.once('error', (error) => refuse(response, error));
  response.once('close', () => upstream.destroy());
  request.pipe(upstream);
}

/** Names and values in turn, as Node has and takes them. */
function endToEnd(rawHeaders: readonly string[]): string[] {
  return rawHeaders.filter(
    (_text, index) => !HOP_BY_HOP.test(rawHeaders[index - (index % 2)] ?? ''),
  );
}

function refuse(response: ServerResponse, error: Error): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const problem = { type: 'about:blank', title: 'Bad Gateway', status: 502, detail: error.message };
  response.writeHead(502, { 'content-type': 'application/problem+json', via: `1.1 ${NAME}` });
  response.end(JSON.stringify(problem));
}
