import { afterAll, describe, expect, it } from 'vitest';
import type { Mail, Mailer } from '../../src/ports/mailer.ts';

/** How a mailer's server can fail. */
export type MailFault =
  /** 5xx to the recipient. */
  | 'refuses-recipient'
  /** 4xx to the recipient. */
  | 'defers-recipient'
  /** 5xx to the sender: our fault, not the recipient's. */
  | 'refuses-sender'
  /** 5xx after the mail. */
  | 'refuses-content'
  /** 4xx after the mail. */
  | 'defers-content'
  /** Closes with 421, at once. */
  | 'is-closing'
  /** Takes the mail and closes the connection instead of saying so. */
  | 'hangs-up-at-end'
  /** Takes the connection and says nothing. */
  | 'silent'
  /** Takes the mail and does not say so. */
  | 'silent-at-end'
  /** Nobody listens. */
  | 'gone';

export interface MailerHarness {
  /** A mailer whose server takes everything. */
  open(): Mailer;
  /** A mailer that waits for at most `FAULT_TIMEOUT_MS`, and an address, with this fault. */
  openFaulty(fault: MailFault, to: string): Promise<Mailer>;
  /** What has arrived for an address, oldest first. */
  received(to: string): Promise<readonly Partial<Mail>[]>;
}

export const FAULT_TIMEOUT_MS = 500;

const TEXT = 'Schöne Grüße 🎬\n\n.\n..two dots\n'.concat('a long line '.repeat(200));
const HTML = `<p>Schöne Grüße &amp; 🎬</p>\n.\n<p>${'x'.repeat(2_000)}</p>`;

/** The promises of `Mailer`. */
export function mailerContract(name: string, harness: MailerHarness): void {
  describe(`${name} mailer`, () => {
    describe('delivery', () => delivers(harness));
    describe('faults', () => tellsFaultsApart(harness));
  });
}

function delivers(harness: MailerHarness): void {
  const mailer = harness.open();
  afterAll(() => mailer.dispose());

  it('has handed the mail over when send resolves: text and HTML, in UTF-8', async () => {
    const mail = someMail({ subject: 'Übung “eins” 🎬 ist fertig', text: TEXT, html: HTML });
    await mailer.send(mail);

    const [received, ...others] = await harness.received(mail.to);
    expect(others).toEqual([]);
    expect(received?.subject).toBe(mail.subject);
    expect(received?.text?.trimEnd()).toBe(mail.text.trimEnd());
    expect(received?.html?.trimEnd()).toBe(mail.html);
  });

  it('gives every copy of a mail the same Message-ID', async () => {
    const mail = someMail();
    await mailer.send(mail);
    await mailer.send(mail);

    const ids = (await harness.received(mail.to)).map(({ messageId }) => messageId);
    expect(ids).toEqual([mail.messageId, mail.messageId]);
  });

  it('sends many at once', async () => {
    const mails = Array.from({ length: 8 }, () => someMail());
    await Promise.all(mails.map((mail) => mailer.send(mail)));

    for (const { to } of mails) expect(await harness.received(to)).toHaveLength(1);
  });

  it('answers a ping', async () => {
    await mailer.ping();
  });

  it('works again after dispose', async () => {
    const closed = harness.open();
    const mail = someMail();
    await closed.send(mail);
    await closed.dispose();
    await closed.send(mail);
    await closed.dispose();

    expect(await harness.received(mail.to)).toHaveLength(2);
  });
}

function tellsFaultsApart(harness: MailerHarness): void {
  const unavailable = { code: 'unavailable', part: 'mail', retry: 'later' };

  async function sendTo(fault: MailFault): Promise<void> {
    const mail = someMail();
    const mailer = await harness.openFaulty(fault, mail.to);
    await mailer.send(mail).finally(() => mailer.dispose());
  }

  it('never tries a recipient again that the server refuses for good', async () => {
    await expect(sendTo('refuses-recipient')).rejects.toMatchObject({
      code: 'not-allowed',
      retry: 'never',
    });
  });

  it.each([
    'defers-recipient',
    'refuses-sender',
    'refuses-content',
    'defers-content',
    'is-closing',
    'hangs-up-at-end',
    'silent',
    'silent-at-end',
    'gone',
  ] as const)('is unavailable when the server is or does: %s', async (fault) => {
    await expect(sendTo(fault)).rejects.toMatchObject(unavailable);
  });

  it.each(['silent', 'gone'] as const)(
    'does not answer a ping when the server is %s',
    async (fault) => {
      const mailer = await harness.openFaulty(fault, 'nobody@example.org');
      await expect(mailer.ping().finally(() => mailer.dispose())).rejects.toMatchObject(
        unavailable,
      );
    },
  );
}

let made = 0;

export function someMail(change: Partial<Mail> = {}): Mail {
  made += 1;
  return {
    to: `reader-${made}@example.org`,
    subject: 'It is ready',
    text: 'It is ready.\n',
    html: '<p>It is ready.</p>',
    messageId: `audio.ready.${made}@soundlift.example`,
    ...change,
  };
}
