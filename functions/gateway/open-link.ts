import { type Conversion, linkGeneration } from '../../src/domain/conversion.ts';
import { Refused } from '../../src/domain/errors.ts';
import type { Clock } from '../../src/ports/clock.ts';
import type { ConversionStore } from '../../src/ports/conversion-store.ts';
import type { LinkGrant, LinkSigner } from '../../src/ports/link-signer.ts';

export interface OpenLinkDeps {
  readonly conversions: ConversionStore;
  readonly links: LinkSigner;
  readonly clock: Clock;
}

/**
 * The conversion that a signed link leads to, for whoever has the link. Opening it changes nothing:
 * the scanners of mail servers open links too, and before people do.
 *
 * Who has no right key learns nothing, not even whether there is such a conversion.
 *
 * @throws {Refused} `not-found`, `link-expired` or `link-revoked`
 */
export async function openLink(
  deps: OpenLinkDeps,
  input: {
    readonly purpose: LinkGrant['purpose'];
    readonly id: string;
    readonly key: string;
  },
): Promise<Conversion> {
  const { purpose, id, key } = input;
  const otherWay = `Or sign in: the MP3 is at /api/v1/files/${id} for its owner.`;
  const grant = deps.links.read(key, { purpose, conversionId: id });
  if (grant === undefined) {
    throw new Refused(
      'not-found',
      `This link is not right; it may have been cut. Copy the whole of it, from http to its end. ${otherWay}`,
    );
  }
  if (grant.expiresAt <= deps.clock.now()) {
    const whatToDo = purpose === 'stream' ? 'Open again the one that led here.' : 'Ask its owner.';
    throw new Refused(
      'link-expired',
      `This link worked until ${grant.expiresAt.toISOString()}. ${whatToDo} ${otherWay}`,
    );
  }
  const conversion = await deps.conversions.find(id);
  if (conversion === undefined || conversion.state === 'deleting') {
    throw new Refused('link-revoked', 'The MP3 was removed by its owner, and its links with it.');
  }
  if (grant.generation !== linkGeneration(conversion)) {
    throw new Refused('link-revoked', `The owner has ended this link. Ask them. ${otherWay}`);
  }
  return conversion;
}
