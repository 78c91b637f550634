import type { ConversionState } from '../../src/domain/conversion.ts';
import type { Identity } from '../../src/domain/user.ts';
import type { ConversionPage, ConversionStore } from '../../src/ports/conversion-store.ts';

/** Somebody's own conversions, newest first. */
export async function listConversions(
  deps: { readonly conversions: ConversionStore },
  input: {
    readonly owner: Identity;
    readonly limit: number;
    /** `next` of the page before. */
    readonly cursor?: string | undefined;
    /** Only those in one of these. */
    readonly states?: readonly ConversionState[] | undefined;
  },
): Promise<ConversionPage> {
  const { owner, limit, cursor, states } = input;
  return await deps.conversions.listByOwner(owner.userId, { limit, before: cursor, states });
}
