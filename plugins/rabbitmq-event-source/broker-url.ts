import type { CallAws } from './aws-api.ts';
import { StateReason } from './state-reason.ts';

interface Credentials {
  readonly username: string;
  readonly password: string;
}

export type ReadSecret = (secretId: string) => Promise<Credentials>;

const ADVICE = 'give them in --broker amqp://user:password@host';

/**
 * The broker's URL with credentials: those that are in it, or else those of the mapping's secret.
 *
 * @throws {StateReason} when there are none
 */
export async function withCredentials(
  readSecret: ReadSecret,
  broker: string,
  secretId: string | undefined,
): Promise<string> {
  const url = new URL(broker);
  if (url.username !== '') return url.href;
  if (secretId === undefined) {
    throw new StateReason(
      'EVENT_SOURCE_AUTHN_ERROR',
      `there are no credentials for ${url.host}, since the mapping names no BASIC_AUTH secret; ${ADVICE}`,
    );
  }
  const { username, password } = await readSecret(secretId);
  url.username = encodeURIComponent(username);
  url.password = encodeURIComponent(password);
  return url.href;
}

/** Reads each secret once, as often as it is asked for. */
export function createSecretReader(call: CallAws): ReadSecret {
  const read = new Map<string, Promise<Credentials>>();
  return (secretId) => {
    const secret = read.get(secretId) ?? readSecret(call, secretId);
    read.set(secretId, secret);
    return secret;
  };
}

/**
 * `{"username":"…","password":"…"}`, as Amazon MQ has it.
 * https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html
 */
async function readSecret(call: CallAws, secretId: string): Promise<Credentials> {
  try {
    const answer = await call('secretsmanager', {
      method: 'POST',
      path: '/',
      headers: {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': 'secretsmanager.GetSecretValue',
      },
      body: JSON.stringify({ SecretId: secretId }),
    });
    const { SecretString: text } = JSON.parse(answer) as Record<string, unknown>;
    const { username, password } = JSON.parse(String(text)) as Record<string, unknown>;
    if (typeof username === 'string' && typeof password === 'string') return { username, password };
    throw new Error('it has no username and password');
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new StateReason(
      'EVENT_SOURCE_AUTHN_ERROR',
      `the secret ${secretId} cannot be read (${reason}); ${ADVICE}`,
      { cause },
    );
  }
}
