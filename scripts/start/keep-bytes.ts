import { subscribe } from 'node:diagnostics_channel';
import { IncomingMessage } from 'node:http';

const TEXT = /^(text\/|application\/(.*\+)?(json|xml|javascript|x-www-form-urlencoded))/;

/**
 * serverless-offline 14.8.2 takes a body for UTF-8 text, and so spoils it, unless its content type
 * contains one of two names. `application/offset+octet-stream`, by which parts of uploads come, does
 * not. API Gateway keeps the bytes of every body.
 *
 * serverless-offline decides by the parsed headers, and makes the function's event of the raw ones.
 * So the name that it wants is added to the parsed ones, and the function sees what was sent.
 */
export function keepBytes({ headers }: Pick<IncomingMessage, 'headers'>): void {
  const type = headers['content-type'];
  if (type === undefined || TEXT.test(type)) return;
  headers['content-type'] = `${type}; as=application/octet-stream`;
}

// Loaded into the serverless process: every request, before its server sees it.
// https://nodejs.org/api/diagnostics_channel.html#event-httpserverrequeststart
subscribe('http.server.request.start', (message) => {
  const { request } = Object(message);
  if (request instanceof IncomingMessage) keepBytes(request);
});
