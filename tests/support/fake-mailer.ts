import { Refused, Unavailable } from '../../src/domain/errors.ts';
import type { Mail, Mailer } from '../../src/ports/mailer.ts';

export interface FakeMailer extends Mailer {
  /** What was taken, oldest first. */
  readonly sent: readonly Mail[];
  /** From here on mail for this address is refused for good. */
  refuse(address: string): void;
  /** From here on it is taken again. */
  accept(address: string): void;
  /** From here on nothing answers. */
  breakDown(): void;
}

/** A mail server in memory. */
export function fakeMailer(): FakeMailer {
  const sent: Mail[] = [];
  const refused = new Set<string>();
  let broken = false;

  async function answer(): Promise<void> {
    if (broken) throw new Unavailable('mail');
  }

  return {
    sent,
    async send(mail) {
      await answer();
      if (refused.has(mail.to)) throw new Refused('not-allowed', 'The address is refused.');
      sent.push(mail);
    },
    ping: answer,
    async dispose() {},
    refuse(address) {
      refused.add(address);
    },
    accept(address) {
      refused.delete(address);
    },
    breakDown() {
      broken = true;
    },
  };
}
