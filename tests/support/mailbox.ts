import { z } from 'zod';

const mailsSchema = z.array(
  z.looseObject({
    subject: z.string(),
    messageId: z.string().optional(),
    to: z.array(z.object({ address: z.string() })),
    text: z.string().optional(),
    html: z.union([z.string(), z.boolean()]).optional(),
  }),
);

export type CaughtMail = z.infer<typeof mailsSchema>[number];

/** What maildev has caught for one address, oldest first. */
export async function mailsTo(mailUrl: string, address: string): Promise<CaughtMail[]> {
  const response = await fetch(`${mailUrl}/api/email`);
  const mails = mailsSchema.parse(await response.json());
  return mails.filter(({ to }) => to.some((recipient) => recipient.address === address));
}
