import { afterAll, expect, it } from 'vitest';
import { z } from 'zod';
import { startMailPage } from '../../scripts/start/mail-page.ts';
import { freePort } from '../../scripts/start/ports.ts';
import { createSmtpMailer } from '../../src/adapters/mail/smtp.ts';
import { mailsTo } from '../support/mailbox.ts';
import {
  HANGS_UP,
  type ScriptedSmtp,
  type SmtpScript,
  scriptedSmtp,
} from '../support/scripted-smtp.ts';
import { tempDir } from '../support/temp-dir.ts';
import { FAULT_TIMEOUT_MS, type MailFault, mailerContract, someMail } from './mailer.contract.ts';

const from = 'Soundlift <no-reply@soundlift.example>';
const [smtpPort, pagePort] = [await freePort(), await freePort()];
const maildev = await startMailPage({ smtpPort, pagePort, directory: await tempDir('mail') });
afterAll(() => maildev.stop());

const headersSchema = z.object({ 'message-id': z.string() });

const SCRIPTS: Record<Exclude<MailFault, 'gone'>, SmtpScript> = {
  'refuses-recipient': { RCPT: '550 5.1.1 no such user' },
  'defers-recipient': { RCPT: '450 4.2.0 greylisted, come back later' },
  'refuses-sender': { MAIL: '550 5.7.1 you may not send' },
  'refuses-content': { END: '554 5.7.1 looks like spam' },
  'defers-content': { END: '452 4.3.1 no space' },
  'is-closing': { GREETING: '421 4.3.2 shutting down' },
  'hangs-up-at-end': { END: HANGS_UP },
  silent: { GREETING: undefined },
  'silent-at-end': { END: undefined },
};

mailerContract('smtp', {
  open: () => createSmtpMailer({ url: `smtp://127.0.0.1:${smtpPort}`, from }),
  async openFaulty(fault) {
    const url =
      fault === 'gone'
        ? `smtp://127.0.0.1:${await freePort()}`
        : (await scriptedSmtp(SCRIPTS[fault])).url;
    return createSmtpMailer({ url, from, timeoutMs: FAULT_TIMEOUT_MS });
  },
  async received(to) {
    const mails = await mailsTo(`http://127.0.0.1:${pagePort}`, to);
    return mails.map(({ subject, text = '', html, headers }) => {
      const messageId = headersSchema.parse(headers)['message-id'].slice(1, -1);
      return { to, subject, text, html: String(html), messageId };
    });
  },
});

const open = ({ url }: ScriptedSmtp) => createSmtpMailer({ url, from, timeoutMs: 5_000 });

it('sends text and HTML as alternatives, and tells robots not to answer', async () => {
  const server = await scriptedSmtp();
  const mailer = open(server);
  const mail = someMail();
  await mailer.send(mail);
  await mailer.dispose();

  const message = server.heard.join('\n');
  expect(message).toMatch(/^Content-Type: multipart\/alternative;/m);
  expect(message.indexOf('text/plain')).toBeLessThan(message.indexOf('text/html'));
  expect(server.heard).toContain(`Message-ID: <${mail.messageId}>`);
  expect(server.heard).toContain('Auto-Submitted: auto-generated');
});

it('adds no header and no recipient, whatever is in the subject or the address', async () => {
  const server = await scriptedSmtp();
  const mailer = open(server);
  await mailer.send(someMail({ subject: 'Hi\r\nBcc: eve@example.org\r\n\r\nbody' }));
  await mailer.send(someMail({ to: 'ada@example.org, eve@example.org' })).catch(() => undefined);
  await mailer.dispose();

  expect(server.heard.filter((line) => /^(bcc|rcpt to:<eve)/i.test(line))).toEqual([]);
});

it('uses one connection for many mails', async () => {
  const server = await scriptedSmtp();
  const mailer = open(server);
  for (let count = 0; count < 3; count += 1) await mailer.send(someMail());
  await mailer.dispose();

  expect(server.connections()).toBe(1);
});

it('sends over a new connection when the server has ended the old one', async () => {
  const server = await scriptedSmtp();
  const mailer = open(server);
  await mailer.send(someMail());
  server.hangUp();
  await mailer.send(someMail());
  await mailer.dispose();

  expect(server.connections()).toBe(2);
});

it('gives each copy of a mail the same Message-ID when the server hangs up instead of answering', async () => {
  const server = await scriptedSmtp({ END: HANGS_UP });
  const mailer = open(server);
  const mail = someMail();
  await expect(mailer.send(mail)).rejects.toMatchObject({ code: 'unavailable', part: 'mail' });
  await expect(mailer.send(mail)).rejects.toMatchObject({ code: 'unavailable', part: 'mail' });
  await mailer.dispose();

  const ids = server.heard.filter((line) => line.startsWith('Message-ID:'));
  expect(ids.length).toBeGreaterThanOrEqual(2);
  expect(new Set(ids)).toEqual(new Set([`Message-ID: <${mail.messageId}>`]));
});

it('opens nothing before the first mail, and dispose closes what was opened', async () => {
  const server = await scriptedSmtp();
  const mailer = open(server);
  await mailer.dispose();
  expect(server.connections()).toBe(0);
  await mailer.send(someMail());
  await mailer.dispose();
  await expect.poll(() => server.open()).toBe(0);
});
