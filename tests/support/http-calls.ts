import { expect } from 'vitest';
import { z } from 'zod';
import { problemSchema } from '../../src/http/problem-responses.ts';
import { uploadBody } from './gateway.ts';
import type { ServiceOnLines } from './service-on-lines.ts';

/** API Gateway waits no longer than this (serverless.yml): who answers later has not answered. */
export const IN_TIME = { timeout: 29_000 };
/** How long a part that is back may take to be found. */
export const RECOVERY = { timeout: 20_000, interval: 100 };

const fileSchema = z.object({ file_id: z.string() });

/** The id of an upload that was taken. */
export async function idOf(taken: Response): Promise<string> {
  expect(taken.status).toBe(202);
  return fileSchema.parse(await taken.json()).file_id;
}

export async function upload(
  service: ServiceOnLines,
  content: Uint8Array<ArrayBuffer> = new Uint8Array(10),
): Promise<Response> {
  const body = uploadBody(new File([content], 'holiday.mp4'));
  return await service.gateway('/api/v1/files', { method: 'POST', body });
}

export function listFiles(service: ServiceOnLines): Promise<Response> {
  return service.gateway('/api/v1/files');
}

export async function statusOf(answer: Promise<Response>): Promise<number> {
  return (await answer).status;
}

/** 503 as RFC 9110, section 15.6.4, has it: with the time after which to try again. */
export async function expectUnavailable(answer: Promise<Response>, detail?: string): Promise<void> {
  const { status, headers, ...response } = await answer.then(async (given) => ({
    status: given.status,
    headers: given.headers,
    problem: problemSchema.parse(await given.json()),
  }));
  expect({ status, code: response.problem.code }).toEqual({ status: 503, code: 'unavailable' });
  expect(headers.get('retry-after')).toBe('5');
  if (detail !== undefined) expect(response.problem.detail).toContain(detail);
}
