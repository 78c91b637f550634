/** What one upload, and one part of it, may have at the most. */
export interface UploadLimits {
  readonly maxUploadBytes: number | undefined;
  readonly partBytes: number;
}

/** What fits through every host of the service: docs/uploading.md. */
const PART_BYTES = 4 * 1024 * 1024;

/**
 * Reads `Upload-Limit: max-size=5368709120, max-append-size=4194304`.
 * https://www.ietf.org/archive/id/draft-ietf-httpbis-resumable-upload-09.html#name-limits
 */
export function parseUploadLimit(header: string | null): UploadLimits {
  const named = new Map(
    (header ?? '').split(',').map((member) => {
      const [name = '', value = ''] = member.trim().split('=');
      return [name, Number.parseInt(value, 10)] as const;
    }),
  );
  const positive = (name: string) => {
    const value = named.get(name);
    return value !== undefined && value > 0 ? value : undefined;
  };
  return {
    maxUploadBytes: positive('max-size'),
    partBytes: Math.min(positive('max-append-size') ?? PART_BYTES, 64 * 1024 * 1024),
  };
}

/** Asked without a token: it is the same for everybody. */
export async function readUploadLimits(address: string): Promise<UploadLimits> {
  try {
    const { headers } = await fetch(address, { method: 'OPTIONS' });
    return parseUploadLimit(headers.get('upload-limit'));
  } catch {
    // The upload itself will say whether the service is away.
    return parseUploadLimit(null);
  }
}
