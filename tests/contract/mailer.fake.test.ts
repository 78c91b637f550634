import { fakeMailer } from '../support/fake-mailer.ts';
import { mailerContract } from './mailer.contract.ts';

const mailer = fakeMailer();

mailerContract('fake', {
  open: () => mailer,
  async openFaulty(fault, to) {
    const faulty = fakeMailer();
    if (fault === 'refuses-recipient') faulty.refuse(to);
    else faulty.breakDown();
    return faulty;
  },
  received: async (to) => mailer.sent.filter((mail) => mail.to === to),
});
