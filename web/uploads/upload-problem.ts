import type { DetailedError } from 'tus-js-client';
import { Problem, problemOf, unreachable } from '../api/problem.ts';

/** What the uploader’s error means: the answer’s problem document, or that there was no answer. */
export function uploadProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  const response = responseOf(error);
  if (response === undefined) return unreachable(error);
  return problemOf(response.getStatus(), parsed(response.getBody()));
}

function responseOf(error: unknown): NonNullable<DetailedError['originalResponse']> | undefined {
  const isDetailed = (value: unknown): value is DetailedError =>
    value instanceof Error && 'originalResponse' in value;
  if (isDetailed(error)) return error.originalResponse ?? undefined;
  // Uppy wraps what the network has done.
  return error instanceof Error && error.cause !== undefined ? responseOf(error.cause) : undefined;
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
