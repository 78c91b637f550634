import { z } from 'zod';
import { REGION } from './local-stage.ts';

/** https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis.html#GetApis */
const apisSchema = z.object({
  items: z.array(
    z.object({ apiId: z.string(), tags: z.record(z.string(), z.string()).default({}) }),
  ),
});

/**
 * MiniStack keeps what it has by region, and takes the region from the scope of a signature, which it
 * does not check: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
const SCOPE = `AWS4-HMAC-SHA256 Credential=test/20260101/${REGION}/apigateway/aws4_request`;

/** The stage's HTTP API, where the emulator has it; `undefined` when the stage is not deployed. */
export async function findHttpApi(emulator: string, stack: string): Promise<URL | undefined> {
  const response = await fetch(`${emulator}/v2/apis`, {
    headers: { authorization: SCOPE },
    signal: AbortSignal.timeout(5_000),
  });
  if (!response.ok) throw new Error(`the emulated cloud answers ${response.status} for its APIs`);
  const { items } = apisSchema.parse(await response.json());
  const api = items.find(({ tags }) => tags['aws:cloudformation:stack-name'] === stack);
  return api && new URL(`${emulator}/_aws/execute-api/${api.apiId}/$default`);
}
