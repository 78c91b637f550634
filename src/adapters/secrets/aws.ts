import type { SecretReader, SecretReference } from '../../ports/secret-reader.ts';

/** GetParameters takes no more: https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameters.html */
const PARAMETERS_PER_CALL = 10;
/** For all calls of a start together: what API Gateway waits for is longer. */
const TIMEOUT_MS = 10_000;

/**
 * Values from AWS Systems Manager and AWS Secrets Manager. The SDK knows region and credentials, as of
 * the function's role. Only the client of a store that is asked is loaded.
 */
export const readAwsSecrets: SecretReader = async (references) => {
  const abortSignal = AbortSignal.timeout(TIMEOUT_MS);
  const idsIn = (store: SecretReference['store']) => [
    ...new Set(references.filter((given) => given.store === store).map(({ id }) => id)),
  ];
  const [parameters, secrets] = await Promise.all([
    readParameters(idsIn('ssm'), abortSignal),
    readSecrets(idsIn('secretsmanager'), abortSignal),
  ]);
  return references.map(({ store, id, field }) => {
    const value = (store === 'ssm' ? parameters : secrets).get(id);
    if (value === undefined) throw new Error(`${store} has no ${id}`);
    return field === undefined ? value : fieldOf(value, id, field);
  });
};

async function readParameters(
  names: readonly string[],
  abortSignal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  if (names.length === 0) return new Map();
  const { GetParametersCommand, SSMClient } = await import('@aws-sdk/client-ssm');
  const client = new SSMClient();
  const calls: Promise<[string, string][]>[] = [];
  for (let start = 0; start < names.length; start += PARAMETERS_PER_CALL) {
    const Names = names.slice(start, start + PARAMETERS_PER_CALL);
    const command = new GetParametersCommand({ Names, WithDecryption: true });
    calls.push(
      client
        .send(command, { abortSignal })
        .then(({ Parameters = [] }) =>
          Parameters.map(({ Name = '', Value = '' }): [string, string] => [Name, Value]),
        ),
    );
  }
  try {
    return new Map((await Promise.all(calls)).flat());
  } finally {
    client.destroy();
  }
}

async function readSecrets(
  ids: readonly string[],
  abortSignal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  if (ids.length === 0) return new Map();
  const { GetSecretValueCommand, SecretsManagerClient } = await import(
    '@aws-sdk/client-secrets-manager'
  );
  const client = new SecretsManagerClient();
  const read = async (SecretId: string): Promise<[string, string]> => {
    const command = new GetSecretValueCommand({ SecretId });
    const { SecretString } = await client.send(command, { abortSignal });
    if (SecretString === undefined) throw new Error(`the secret ${SecretId} is not text`);
    return [SecretId, SecretString];
  };
  try {
    return new Map(await Promise.all(ids.map(read)));
  } finally {
    client.destroy();
  }
}

function fieldOf(secret: string, id: string, field: string): string {
  const value = fieldsOf(secret)?.[field];
  if (typeof value !== 'string') throw new Error(`the secret ${id} has no text in ${field}`);
  return value;
}

function fieldsOf(secret: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return Object(JSON.parse(secret));
  } catch {
    // The error of JSON.parse quotes the secret.
    return undefined;
  }
}
