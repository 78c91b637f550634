/** What a signed link lets whoever has it do, and for how long. */
export interface LinkGrant {
  /** `download`: the link of a mail. `stream`: where a download too large for one answer is sent on to. */
  readonly purpose: 'download' | 'stream';
  readonly conversionId: string;
  /** To the second. */
  readonly expiresAt: Date;
  /** That of the conversion when the link was made; see `linksRevoked` in src/domain/conversion.ts. */
  readonly generation: number;
}

/**
 * Makes and checks the keys that open signed links.
 *
 * Promises:
 * - nobody without the secret can make a key, nor change what one says;
 * - a key opens nothing but the conversion and the purpose that it was made for;
 * - a check takes as long for a wrong signature as for another wrong one.
 */
export interface LinkSigner {
  /** The key of a grant, fit for a URL as it is: `[0-9A-Za-z._-]+`. */
  sign(grant: LinkGrant): string;
  /**
   * What a key says; `undefined` when it was not signed here, or for something else. Whether it still
   * holds (time, generation) is for the caller to see.
   */
  read(
    key: string,
    of: Pick<LinkGrant, 'purpose' | 'conversionId'>,
  ): Pick<LinkGrant, 'expiresAt' | 'generation'> | undefined;
}
