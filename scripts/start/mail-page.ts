import { mkdirSync } from 'node:fs';

/** Catches every mail and shows it on a page; mails are kept in a folder. */
export async function startMailPage(given: {
  readonly smtpPort: number;
  readonly pagePort: number;
  readonly directory: string;
}): Promise<{ stop(): Promise<void> }> {
  const { MailDev } = await import('maildev');
  mkdirSync(given.directory, { recursive: true });
  const maildev = new MailDev({
    smtp: given.smtpPort,
    ip: '127.0.0.1',
    web: given.pagePort,
    webIp: '127.0.0.1',
    mailDirectory: given.directory,
    silent: true,
  });
  await maildev.start();
  return { stop: () => maildev.stop() };
}
