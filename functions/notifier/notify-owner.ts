import { changeConversion } from '../../src/conversions/change-conversion.ts';
import {
  type Conversion,
  isUntold,
  linkGeneration,
  notified,
  ownerUnreachable,
} from '../../src/domain/conversion.ts';
import { Refused, SoundliftError } from '../../src/domain/errors.ts';
import type { MessageName } from '../../src/domain/messages.ts';
import type { Clock } from '../../src/ports/clock.ts';
import type { ConversionStore } from '../../src/ports/conversion-store.ts';
import type { LinkSigner } from '../../src/ports/link-signer.ts';
import type { Mailer } from '../../src/ports/mailer.ts';
import { audioReadyMail, type MailLinks } from './mails/audio-ready.ts';
import { conversionFailedMail } from './mails/conversion-failed.ts';

export interface NotifyDeps {
  readonly conversions: ConversionStore;
  readonly mailer: Mailer;
  readonly clock: Clock;
  readonly links: LinkSigner;
  /** How long the link of a mail works; never longer than there is something to download. */
  readonly linkTtlMs: number;
  /** Where the service is reached, without a slash at the end: `https://sound.example`. */
  readonly publicUrl: string;
}

/** `skipped`: the owner has been told already, or there is nothing to tell any more. */
export type NotifyOutcome = 'sent' | 'skipped';

/** What each message tells, and of which state: one that is older than the state tells nothing. */
const MAILS = {
  'video.uploaded': undefined,
  'audio.ready': { state: 'ready', compose: audioReadyMail },
  'conversion.failed': { state: 'failed', compose: conversionFailedMail },
} as const satisfies Record<MessageName, unknown>;

/**
 * Tells the owner how a conversion ended, also one whose mail was refused for good: whoever has put the
 * message back has a reason. Called again it sends nothing: what was sent is noted. Only
 * who dies between sending and noting makes a second copy, and it has the same Message-ID.
 */
export async function notifyOwner(
  deps: NotifyDeps,
  input: { readonly name: MessageName; readonly conversionId: string },
): Promise<NotifyOutcome> {
  const conversion = await deps.conversions.find(input.conversionId);
  const mail = MAILS[input.name];
  if (conversion === undefined || conversion.state !== mail?.state) return 'skipped';
  if (!isUntold(conversion)) return 'skipped';

  const { id, owner } = conversion;
  const content = mail.compose(conversion, linksTo(deps, conversion));
  const host = new URL(deps.publicUrl).hostname;
  try {
    await deps.mailer.send({
      ...content,
      to: owner.email,
      messageId: `${input.name}.${id}@${host}`,
    });
  } catch (error) {
    if (isFinal(error)) await note(deps, conversion, ownerUnreachable);
    throw error;
  }
  await note(deps, conversion, notified);
  return 'sent';
}

function linksTo(deps: NotifyDeps, conversion: Conversion): MailLinks {
  const { id: conversionId, expiresAt: audioExpiresAt } = conversion;
  const apiUrl = `${deps.publicUrl}/api/v1`;
  const untilMs = Math.min(
    deps.clock.now().getTime() + deps.linkTtlMs,
    audioExpiresAt?.getTime() ?? Number.POSITIVE_INFINITY,
  );
  const expiresAt = new Date(untilMs);
  const generation = linkGeneration(conversion);
  const key = deps.links.sign({ purpose: 'download', conversionId, expiresAt, generation });
  return {
    apiUrl,
    audioUrl: `${apiUrl}/links/${conversionId}?key=${key}`,
    audioUrlExpiresAt: expiresAt,
    pageUrl: `${deps.publicUrl}/c/${conversionId}`,
    signedInUrl: `${apiUrl}/files/${conversionId}`,
  };
}

/** Of the state that was told: it may have been begun anew meanwhile. */
async function note(
  { conversions, clock }: NotifyDeps,
  { id, state }: Conversion,
  transition: (conversion: Conversion, now: Date) => Conversion,
): Promise<void> {
  await changeConversion(conversions, id, (current) =>
    current.state === state ? transition(current, clock.now()) : current,
  ).catch(ignoreRemoved);
}

function isFinal(error: unknown): boolean {
  return error instanceof SoundliftError && error.retry === 'never';
}

/** Removed by its owner while the mail was on its way: nothing is left to note. */
function ignoreRemoved(error: unknown): void {
  if (!(error instanceof Refused && error.code === 'not-found')) throw error;
}
