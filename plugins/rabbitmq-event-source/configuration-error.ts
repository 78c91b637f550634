/** Something in serverless.yml is wrong; the message says what and where. */
export class ConfigurationError extends Error {
  /** The Serverless CLI prints errors of this name as they are, without a stack. */
  override readonly name = 'ServerlessError';
}
