export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** RFC 5322 `msg-id` without the angle brackets; the same for every copy of one mail. */
  readonly messageId: string;
}

/**
 * Sends mail.
 *
 * Promises, which `tests/contract/mailer.contract.ts` checks:
 * - a resolved `send` means that the server has taken the mail (250 after DATA);
 * - text and HTML arrive as alternatives, in UTF-8, with the given Message-ID;
 * - a permanent refusal (5xx to the recipient) rejects with `retry: 'never'`, anything else with
 *   `Unavailable('mail')`.
 */
export interface Mailer {
  send(mail: Mail): Promise<void>;
  /** Resolves when the server has greeted. */
  ping(): Promise<void>;
  dispose(): Promise<void>;
}
