/** Why something was not done: RFC 9457, or that nobody could be reached. */
export class Problem extends Error {
  /** A code of the API (docs/api.md), or `unreachable`. */
  readonly code: string;
  /** 0 when there was no answer. */
  readonly status: number;
  /** Fields that the API has named, by name. */
  readonly fields: ReadonlyMap<string, string>;

  constructor(
    given: {
      readonly code: string;
      readonly status: number;
      readonly detail?: string;
      readonly fields?: ReadonlyMap<string, string>;
    },
    options?: ErrorOptions,
  ) {
    super(given.detail ?? given.code, options);
    this.name = 'Problem';
    this.code = given.code;
    this.status = given.status;
    this.fields = given.fields ?? new Map();
  }
}

/** Reads an answer's problem document, and makes do without where a proxy has answered. */
export function problemOf(status: number, body: unknown): Problem {
  const code = textOf(body, 'code') ?? (status >= 500 ? 'unavailable' : `http-${status}`);
  const detail = textOf(body, 'detail');
  return new Problem({ code, status, fields: fieldsOf(body), ...(detail && { detail }) });
}

/** There was no answer at all. */
export function unreachable(cause: unknown): Problem {
  return new Problem({ code: 'unreachable', status: 0 }, { cause });
}

/** Whether it says that nobody is signed in, as opposed to that it could not be found out. */
export function isSignedOutAnswer(error: unknown): boolean {
  return error instanceof Problem && (error.status === 401 || error.status === 403);
}

function fieldsOf(body: unknown): ReadonlyMap<string, string> {
  if (!isRecord(body) || !Array.isArray(body['errors'])) return new Map();
  return new Map(
    body['errors'].flatMap((problem: unknown) => {
      const field = textOf(problem, 'field');
      const message = textOf(problem, 'message');
      return field === undefined || message === undefined ? [] : [[field, message] as const];
    }),
  );
}

function textOf(body: unknown, name: string): string | undefined {
  const value = isRecord(body) ? body[name] : undefined;
  return typeof value === 'string' ? value : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
