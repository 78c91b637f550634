import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import type { RabbitmqEvent } from '../../event.ts';
import type { Invocation } from './invoke-endpoint.ts';

type Json = Readonly<Record<string, unknown>>;

export interface LambdaApi {
  readonly url: string;
  readonly mappings: Json[];
  /** By their ids. */
  readonly secrets: Map<string, string>;
  /** By their names; each answers with what its function does. */
  readonly functions: Map<string, (response: ServerResponse) => void>;
  readonly stacks: Map<string, { readonly template: string; readonly ids: Json }>;
  readonly invocations: readonly Invocation[];
  /** How often the mappings have been listed from the first page on. */
  looks: number;
  templatesRead: number;
  /** The `Authorization` of the last request. */
  authorization: string | undefined;
}

/** As much of AWS's API as an event source asks for, with pages of one mapping; it ends with the test. */
export async function startLambdaApi(): Promise<LambdaApi> {
  const invocations: Invocation[] = [];
  const api: LambdaApi = {
    url: '',
    mappings: [],
    secrets: new Map(),
    functions: new Map(),
    stacks: new Map(),
    invocations,
    looks: 0,
    templatesRead: 0,
    authorization: undefined,
  };
  const server = createServer(async (request, response) => {
    const body = await text(request);
    api.authorization = request.headers.authorization;
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost');
    const functionName = /^\/2015-03-31\/functions\/([^/]+)/.exec(pathname)?.[1];
    if (pathname.endsWith('/event-source-mappings')) {
      answerWith(response, pageOf(api, searchParams.get('Marker')));
    } else if (functionName !== undefined) {
      const run = api.functions.get(decodeURIComponent(functionName));
      if (run === undefined) return refuse(response, 404, 'no such function');
      if (pathname.endsWith('/configuration')) return answerWith(response, { Timeout: 5 });
      invocations.push({ path: request.url, event: JSON.parse(body) as RabbitmqEvent });
      run(response);
    } else if (request.headers['x-amz-target'] === 'secretsmanager.GetSecretValue') {
      answerSecret(api, body, response);
    } else answerCloudFormation(api, request, new URLSearchParams(body), response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return Object.assign(api, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
}

function pageOf(api: LambdaApi, marker: string | null): Json {
  if (marker === null) api.looks += 1;
  const index = Number(marker ?? 0);
  const next = index + 1 < api.mappings.length ? { NextMarker: String(index + 1) } : {};
  return { EventSourceMappings: api.mappings.slice(index, index + 1), ...next };
}

function answerSecret({ secrets }: LambdaApi, body: string, response: ServerResponse): void {
  const secret = secrets.get(String(Object(JSON.parse(body))['SecretId']));
  if (secret === undefined) refuse(response, 400, 'no such secret');
  else answerWith(response, { SecretString: secret });
}

function answerCloudFormation(
  api: LambdaApi,
  request: IncomingMessage,
  query: URLSearchParams,
  response: ServerResponse,
): void {
  const { stacks } = api;
  const stack = stacks.get(query.get('StackName') ?? '');
  const member = (xml: string) => `<member>${xml}</member>`;
  switch (query.get('Action')) {
    case 'DescribeStacks':
      response.end(
        [...stacks]
          .map(([name, { template }]) =>
            member(
              `<StackName>${name}</StackName><LastUpdatedTime>${template.length}</LastUpdatedTime>`,
            ),
          )
          .join(''),
      );
      return;
    case 'DescribeStackResources':
      response.end(
        Object.entries(stack?.ids ?? {})
          .map(([logical, physical]) =>
            member(
              `<LogicalResourceId>${logical}</LogicalResourceId><PhysicalResourceId>${physical}</PhysicalResourceId>`,
            ),
          )
          .join(''),
      );
      return;
    case 'GetTemplate': {
      api.templatesRead += 1;
      const escaped = stack?.template.replaceAll('&', '&amp;').replaceAll('"', '&quot;');
      response.end(`<TemplateBody>${escaped?.replaceAll('<', '&#60;')}</TemplateBody>`);
      return;
    }
    default:
      refuse(response, 400, `${request.method} ${request.url} is unknown`);
  }
}

function answerWith(response: ServerResponse, answer: Json): void {
  response.end(JSON.stringify(answer));
}

function refuse(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status).end(JSON.stringify({ message }));
}
