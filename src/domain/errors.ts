/**
 * Every code that an answer, a dead letter or a log line can carry. The union is closed: the HTTP
 * table and the message table must have a row for each, and the compiler checks that they do.
 */
export type ErrorCode =
  | 'invalid-input'
  | 'malformed'
  | 'not-authenticated'
  | 'invalid-credentials'
  | 'not-allowed'
  | 'not-found'
  | 'method-not-allowed'
  | 'email-taken'
  | 'not-ready'
  | 'conversion-failed'
  | 'cancelled'
  | 'already-ended'
  | 'expired'
  | 'link-expired'
  | 'link-revoked'
  | 'too-large'
  | 'quota-exceeded'
  | 'unsupported-media-type'
  | 'range-not-satisfiable'
  | 'precondition-failed'
  | 'protocol-version'
  | 'offset-mismatch'
  | 'checksum-mismatch'
  | 'locked'
  | 'unreadable-media'
  | 'no-audio'
  | 'audio-too-large'
  | 'too-many-attempts'
  | 'too-many-conversions'
  | 'daily-limit-reached'
  | 'lease-lost'
  | 'invalid-message'
  | 'attempts-exhausted'
  | 'out-of-time'
  | 'unavailable'
  | 'internal';

/** Whether doing the same thing again can end differently. */
export type Retry = 'never' | 'later';

/** One input field and what is wrong with it, in words for the person who sent it. */
export interface FieldProblem {
  readonly field: string;
  readonly message: string;
}

interface ErrorOptionsWithCause {
  readonly cause?: unknown;
}

/** The base of every error that Soundlift raises on purpose. Its message is fit for the user's eyes. */
export class SoundliftError extends Error {
  readonly code: ErrorCode;
  readonly retry: Retry;

  constructor(code: ErrorCode, retry: Retry, message: string, options?: ErrorOptionsWithCause) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
    this.retry = retry;
  }
}

/** The request is well-formed but its values are not acceptable. */
export class InvalidInput extends SoundliftError {
  readonly fields: readonly FieldProblem[];

  constructor(fields: readonly FieldProblem[]) {
    super(
      'invalid-input',
      'never',
      fields.map(({ field, message }) => `${field}: ${message}`).join('; '),
    );
    this.fields = fields;
  }
}

/** The request is refused for what it is or who sent it; sending it again changes nothing. */
export class Refused extends SoundliftError {
  constructor(
    code: Exclude<ErrorCode, 'invalid-input' | 'unavailable' | 'internal'>,
    message: string,
    options?: ErrorOptionsWithCause,
  ) {
    super(code, 'never', message, options);
  }
}

/** It was done too often, or too much of it is going on; after that time it may be done again. */
export class Limited extends SoundliftError {
  readonly retryAfterSeconds: number;

  constructor(
    code: 'too-many-attempts' | 'too-many-conversions' | 'daily-limit-reached',
    message: string,
    retryAfterSeconds: number,
  ) {
    super(code, 'later', message);
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** The file cannot become an MP3, whoever tries and however often. */
export class UnusableMedia extends SoundliftError {
  constructor(
    code: 'unreadable-media' | 'no-audio' | 'audio-too-large',
    message: string,
    options?: ErrorOptionsWithCause,
  ) {
    super(code, 'never', message, options);
  }
}

/** The function's time is nearly over, and the work is not. With a fresh start it may fit. */
export class OutOfTime extends SoundliftError {
  constructor() {
    super(
      'out-of-time',
      'later',
      'The conversion takes longer than a conversion can take here. Upload the video in parts.',
    );
  }
}

/** A part that Soundlift depends on did not do its work; later it may. */
export class Unavailable extends SoundliftError {
  /** The part's name as `/health` shows it: `files`, `conversions`, `queue`, `users`, `passwords`, `mail`, `ffmpeg`. */
  readonly part: string;

  constructor(part: string, options?: ErrorOptionsWithCause) {
    super('unavailable', 'later', `${part} cannot be reached at the moment`, options);
    this.part = part;
  }
}
