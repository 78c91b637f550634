import { createSmtpMailer } from '../../../src/adapters/mail/smtp.ts';
import { asked, type Finding, TIMEOUT_MS } from './finding.ts';

/** The mail server, up to its greeting and the login. That of `npm start` lives as long as that does. */
export async function checkMail(url: string, isEmbedded: boolean): Promise<Finding[]> {
  const mailer = createSmtpMailer({ url, from: 'doctor@soundlift.example', timeoutMs: TIMEOUT_MS });
  const todo = 'Do host, port, user and password of MAIL_URL fit, and does it let this machine in?';
  try {
    const findings = await asked('mail (SMTP)', todo, async () => {
      await mailer.ping();
      return { version: 'it answers' };
    });
    if (!isEmbedded) return findings;
    return findings.map((finding) =>
      finding.level === 'fail'
        ? { ...finding, level: 'warn', todo: 'npm start does not run, or with another MAIL_PORT.' }
        : finding,
    );
  } finally {
    await mailer.dispose();
  }
}
