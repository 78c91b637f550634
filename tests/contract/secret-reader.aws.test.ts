import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { expect, it, onTestFinished, vi } from 'vitest';
import { readAwsSecrets } from '../../src/adapters/secrets/aws.ts';
import { describeWithServices } from '../support/services.ts';

await describeWithServices('secrets of AWS', ['emulator'], ({ emulator }) => {
  vi.stubEnv('AWS_ENDPOINT_URL', emulator);
  vi.stubEnv('AWS_REGION', 'eu-central-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
  const prefix = `soundlift-test-${randomBytes(4).toString('hex')}`;

  async function putParameter(name: string, value: string): Promise<string> {
    const client = new SSMClient();
    onTestFinished(() => client.destroy());
    const Name = `/${prefix}/${name}`;
    await client.send(new PutParameterCommand({ Name, Value: value, Type: 'SecureString' }));
    return Name;
  }

  async function createSecret(name: string, value: string): Promise<string> {
    const client = new SecretsManagerClient();
    onTestFinished(() => client.destroy());
    const command = new CreateSecretCommand({ Name: `${prefix}-${name}`, SecretString: value });
    return (await client.send(command)).ARN ?? '';
  }

  it('reads parameters, more than one call takes, in the order of the references', async () => {
    const ids = await Promise.all(
      Array.from({ length: 12 }, (_, index) => putParameter(`N${index}`, `value ${index}`)),
    );
    const references = [...ids, ids[3] ?? ''].map((id) => ({ store: 'ssm' as const, id }));
    const values = await readAwsSecrets(references);
    expect(values).toEqual([...ids.map((_, index) => `value ${index}`), 'value 3']);
  });

  it('reads secrets by ARN or name, and fields of them', async () => {
    const id = await createSecret('broker', '{"username":"ada","password":"p#ss"}');
    const store = 'secretsmanager' as const;
    expect(
      await readAwsSecrets([
        { store, id, field: 'username' },
        { store, id: `${prefix}-broker`, field: 'password' },
        { store, id },
      ]),
    ).toEqual(['ada', 'p#ss', '{"username":"ada","password":"p#ss"}']);
  });

  it('says what is not there, and shows nothing of what is', async () => {
    const id = await createSecret('text', 'not a JSON object');
    const failure = async (call: Promise<unknown>) => inspect(await call.catch((e: unknown) => e));
    const store = 'secretsmanager' as const;
    const missing = `/${prefix}/gone`;
    expect(await failure(readAwsSecrets([{ store: 'ssm', id: missing }]))).toContain(missing);
    expect(await failure(readAwsSecrets([{ store, id: `${prefix}-gone` }]))).toContain(
      'ResourceNotFoundException',
    );
    const noField = await failure(readAwsSecrets([{ store, id, field: 'password' }]));
    expect(noField).toContain('has no text in password');
    expect(noField).not.toContain('JSON object');
  });
});
