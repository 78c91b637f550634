import { AwsV4Signer } from 'aws4fetch';
import type { HttpRequest } from './http-request.ts';

export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

/** Makes a request one of an account and a region; emulators read no more than that from it. */
export type SignRequest = (service: string, request: HttpRequest) => Promise<HttpRequest>;

/**
 * Signs with Signature Version 4. An emulator checks no signature, but takes the region and the account
 * from its scope; and what is signed works at AWS, too.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html
 */
export function createRequestSigner(
  options: AwsCredentials & { readonly region: string },
): SignRequest {
  const { region, accessKeyId, secretAccessKey, sessionToken } = options;
  return async (service, request) => {
    const { method, url, headers, body } = request;
    const signer = new AwsV4Signer({
      ...{ service, region, accessKeyId, secretAccessKey },
      ...(sessionToken === undefined ? {} : { sessionToken }),
      ...{ method, url: url.href, headers: { ...headers }, body },
    });
    const signed = await signer.sign();
    return { method, url: signed.url, headers: Object.fromEntries(signed.headers), body };
  };
}
