import type { Transporter } from 'nodemailer';
import { Refused, Unavailable } from '../../domain/errors.ts';
import type { Mailer } from '../../ports/mailer.ts';

export interface SmtpMailerOptions {
  /** `smtp://user:password@host:port` (TLS when the server offers it) or `smtps://…` (TLS always). */
  readonly url: string;
  /** The sender: `Soundlift <no-reply@soundlift.example>`. */
  readonly from: string;
  /** For one mail, from connecting to the server's last word. */
  readonly timeoutMs?: number | undefined;
}

export function createSmtpMailer({ url, from, timeoutMs = 20_000 }: SmtpMailerOptions): Mailer {
  let opened: Promise<Transporter> | undefined;
  const transporter = () => {
    opened ??= openTransporter(url, timeoutMs);
    return opened;
  };

  return {
    async send({ to, subject, text, html, messageId }) {
      try {
        await (await transporter()).sendMail({
          from,
          // As an object it is one address; as a string it would be parsed as a list of them.
          to: { name: '', address: to },
          subject,
          text,
          html,
          messageId: `<${messageId}>`,
          // RFC 3834: keeps holiday replies and other robots from answering.
          headers: { 'Auto-Submitted': 'auto-generated' },
          signal: AbortSignal.timeout(timeoutMs),
        });
      } catch (cause) {
        throw toSoundliftError(cause);
      }
    },

    async ping() {
      try {
        await (await transporter()).verify();
      } catch (cause) {
        throw new Unavailable('mail', { cause });
      }
    },

    async dispose() {
      const closing = opened;
      opened = undefined;
      (await closing)?.close();
    },
  };
}

async function openTransporter(url: string, timeoutMs: number): Promise<Transporter> {
  const { createTransport } = await import('nodemailer');
  return createTransport({
    url,
    pool: true,
    maxConnections: 1,
    // A pooled connection may have died unnoticed, as in a frozen Lambda; a fresh one has not.
    maxRequeues: 1,
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    dnsTimeout: timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
}

/**
 * `Refused` only when the server will not take mail for this recipient. A 5xx to anything else means
 * that we are set up wrongly (the login, the sender) or are mistrusted for now: later it may do.
 */
function toSoundliftError(cause: unknown): Refused | Unavailable {
  if (isPermanentRecipientError(cause)) {
    return new Refused('not-allowed', 'The mail server takes no mail for this address.', { cause });
  }
  return new Unavailable('mail', { cause });
}

/** Nodemailer's own verdict counts 503, a confused dialogue, as passing. */
function isPermanentRecipientError(error: unknown): boolean {
  return (
    error instanceof Error &&
    'command' in error &&
    error.command === 'RCPT TO' &&
    'permanent' in error &&
    error.permanent === true
  );
}
