/** https://docs.aws.amazon.com/lambda/latest/dg/services-mq-errors.html */
export type StateReasonCode =
  | 'ESM_CONFIG_NOT_VALID'
  | 'EVENT_SOURCE_AUTHN_ERROR'
  | 'EVENT_SOURCE_AUTHZ_ERROR'
  | 'FUNCTION_CONFIG_NOT_VALID';

/** Why a mapping is not polled, by the code that AWS has for it and a sentence that says what to do. */
export class StateReason extends Error {
  readonly code: StateReasonCode;

  constructor(code: StateReasonCode, sentence: string, options?: ErrorOptions) {
    super(`${code}: ${sentence}`, options);
    this.code = code;
  }
}
