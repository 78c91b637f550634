import { HTTPException } from 'hono/http-exception';
import { type ErrorCode, InvalidInput, Limited, SoundliftError } from '../domain/errors.ts';

/** An answer that says what went wrong, as RFC 9457 has it, with members of our own. */
export interface Problem {
  /** RFC 9457, section 3.1.1: the codes are documented, not dereferenced. */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** Stable: programs decide by it. */
  readonly code: ErrorCode;
  readonly request_id: string;
  readonly errors?: readonly { readonly field: string; readonly message: string }[];
}

/** What each code is answered as; docs/api.md has the same. */
export const PROBLEM_TABLE: Record<ErrorCode, readonly [status: number, title: string]> = {
  'invalid-input': [422, 'The request has values that are not acceptable'],
  malformed: [400, 'The request is not what the protocol asks for'],
  'not-authenticated': [401, 'A valid access token is required'],
  'invalid-credentials': [401, 'E-mail address or password is wrong'],
  'not-allowed': [403, 'Not allowed'],
  'not-found': [404, 'Not found'],
  'method-not-allowed': [405, 'This address does not answer that method'],
  'email-taken': [409, 'The e-mail address is taken'],
  'not-ready': [409, 'The MP3 is not ready'],
  'conversion-failed': [409, 'The conversion has failed'],
  cancelled: [409, 'The conversion was cancelled'],
  'already-ended': [409, 'The conversion has ended already'],
  expired: [410, 'It was there, and has expired'],
  'link-expired': [410, 'The link has expired'],
  'link-revoked': [410, 'The link has been ended by its owner'],
  'too-large': [413, 'The request is too large'],
  'quota-exceeded': [413, 'There is no room for it'],
  'unsupported-media-type': [415, 'The media type is not supported here'],
  'range-not-satisfiable': [416, 'The range lies outside of the file'],
  'precondition-failed': [412, 'It is not the one that was meant'],
  'protocol-version': [412, 'The version of the protocol is not supported'],
  'offset-mismatch': [409, 'The upload is not where the request goes on'],
  // https://tus.io/protocols/resumable-upload#checksum
  'checksum-mismatch': [460, 'The bytes are not those that were sent'],
  'too-many-attempts': [429, 'It was tried too often'],
  'too-many-conversions': [429, 'There are too many conversions'],
  'daily-limit-reached': [429, 'There were too many conversions today'],
  locked: [423, 'Somebody else is at it'],
  'unreadable-media': [422, 'The file cannot be read as media'],
  'no-audio': [422, 'The file has no sound'],
  'audio-too-large': [422, 'The MP3 would be too large'],
  'lease-lost': [409, 'Somebody else has changed it meanwhile'],
  'invalid-message': [422, 'The message is not known'],
  'attempts-exhausted': [500, 'It was tried too often'],
  'out-of-time': [500, 'It takes too long'],
  unavailable: [503, 'A part of the service is not available'],
  internal: [500, 'Something went wrong here'],
};

/** What the framework itself refuses (a body that is not JSON, say), by status. */
const FRAMEWORK_CODES: Partial<Record<number, ErrorCode>> = {
  400: 'invalid-input',
  401: 'not-authenticated',
  413: 'too-large',
  415: 'unsupported-media-type',
};

/** When whoever was answered 503 may ask again. */
export const RETRY_AFTER_SECONDS = 5;

export function statusOf(code: ErrorCode): number {
  return PROBLEM_TABLE[code][0];
}

/** What `Retry-After` says, where an answer has it. */
export function retryAfterSeconds(error: unknown, status: number): number | undefined {
  if (error instanceof Limited) return error.retryAfterSeconds;
  return status === 503 ? RETRY_AFTER_SECONDS : undefined;
}

/** Unknown errors answer in general words: what they say is for the log, not for the caller. */
export function toProblem(error: unknown, requestId: string): Problem {
  if (error instanceof InvalidInput) {
    return { ...problem(error.code, error.message, requestId), errors: error.fields };
  }
  if (error instanceof SoundliftError) return problem(error.code, error.message, requestId);
  if (error instanceof HTTPException) {
    const code = FRAMEWORK_CODES[error.status] ?? 'internal';
    return { ...problem(code, error.message, requestId), status: error.status };
  }
  return problem(
    'internal',
    'Please try again; the request id helps to find the cause.',
    requestId,
  );
}

function problem(code: ErrorCode, detail: string, requestId: string): Problem {
  const [status, title] = PROBLEM_TABLE[code];
  return { type: `urn:soundlift:${code}`, title, status, detail, code, request_id: requestId };
}
