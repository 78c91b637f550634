import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { sqsDeliveriesOf } from '../../src/lambda/sqs-event.ts';
import type { Received } from './received.ts';

export interface SqsReceiver {
  receive(queueName: string): Promise<Received | undefined>;
  close(): void;
}

/** Takes messages one by one from the queues whose URLs begin with `base`, as Lambda's poller does. */
export function sqsReceiver(base: string): SqsReceiver {
  const client = new SQSClient({ endpoint: new URL(base).origin });
  const urlOf = (queueName: string) => `${base}-${queueName.replaceAll('.', '-')}`;

  async function take(QueueUrl: string) {
    const { Messages = [] } = await client.send(
      new ReceiveMessageCommand({
        QueueUrl,
        MessageAttributeNames: ['All'],
        MessageSystemAttributeNames: ['ApproximateReceiveCount'],
      }),
    );
    return Messages[0];
  }

  return {
    async receive(queueName) {
      const liveName = queueName.replace(/\.dead$/, '');
      let message = await take(urlOf(queueName));
      if (message === undefined && liveName !== queueName) {
        // SQS moves a message that was received too often when somebody asks for it once more, as
        // Lambda does all the time.
        await client.send(
          new ReceiveMessageCommand({ QueueUrl: urlOf(liveName), VisibilityTimeout: 0 }),
        );
        message = await take(urlOf(queueName));
      }
      if (message === undefined) return undefined;
      const receipt = { QueueUrl: urlOf(queueName), ReceiptHandle: message.ReceiptHandle };
      const attributes = message.MessageAttributes ?? {};
      const text = (name: string) => attributes[name]?.StringValue;
      const [received] = sqsDeliveriesOf({
        Records: [
          {
            eventSource: 'aws:sqs',
            eventSourceARN: urlOf(liveName),
            messageId: message.MessageId,
            body: message.Body,
            attributes: message.Attributes,
            messageAttributes: Object.fromEntries(
              Object.entries(attributes).map(([name, { StringValue }]) => [
                name,
                { stringValue: StringValue },
              ]),
            ),
          },
        ],
      });
      if (received === undefined) throw new Error('an event without a message');
      return {
        body: received.delivery.body,
        redelivered: received.delivery.redelivered,
        properties: {
          contentType: text('contentType'),
          deliveryMode: 2, // SQS knows no other: https://aws.amazon.com/sqs/faqs/
          appId: text('appId'),
          type: text('type'),
          messageId: received.delivery.messageId,
          timestamp: Number(text('timestamp')),
          headers: {
            'x-attempts': received.delivery.failedAttempts,
            'x-reason': text('x-reason'),
            'x-failed-at': text('x-failed-at'),
          },
        },
        async ack() {
          await client.send(new DeleteMessageCommand(receipt));
        },
        async requeue() {
          await client.send(
            new ChangeMessageVisibilityCommand({ ...receipt, VisibilityTimeout: 0 }),
          );
        },
      };
    },
    close: () => client.destroy(),
  };
}
