import { type FakeBroker, fakeQueue } from '../support/fake-queue.ts';
import { queueContract, SHORT_DELAYS_MS } from './queue.contract.ts';

const broker: FakeBroker = new Map();
const receiver = fakeQueue({ broker });

queueContract('fake', {
  open: () => fakeQueue({ broker, retryDelaysMs: SHORT_DELAYS_MS }),
  async openGone() {
    const gone = fakeQueue();
    gone.breakDown();
    return gone;
  },
  receive: async (queueName) => receiver.receive(queueName),
});
