import { once } from 'node:events';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';

/** An SMTP server that takes everything, or no recipient, and keeps the Message-IDs; a mail is taken with the answer to its dot. */
export async function startMailServer() {
  let messageIds: string[] = [];
  let isRefusing = false;
  const server = createServer((socket) => {
    let mail: string[] | undefined;
    const hear = (line: string) => {
      if (mail !== undefined && line !== '.') return void mail.push(line);
      if (mail !== undefined) {
        // A long header is folded: RFC 5322, 2.2.3.
        const [, messageId = ''] = /^message-id:\s*<(.+?)>/im.exec(mail.join('\n')) ?? [];
        messageIds.push(messageId);
        mail = undefined;
      } else if (/^data/i.test(line)) {
        mail = [];
        return void socket.write('354 go on\r\n');
      }
      socket.write(`${answerTo(line, isRefusing)}\r\n`);
    };
    const ignoreDeath = () => undefined; // its client was killed
    socket.on('error', ignoreDeath);
    createInterface({ input: socket }).on('line', hear).on('error', ignoreDeath);
    socket.write('220 here\r\n');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = Object(server.address());
  return {
    url: `smtp://127.0.0.1:${port}`,
    messageIds: (): readonly string[] => [...messageIds],
    refuse() {
      isRefusing = true;
    },
    reset() {
      messageIds = [];
      isRefusing = false;
    },
    stop: () => server.close(),
  };
}

function answerTo(line: string, isRefusing: boolean): string {
  if (isRefusing && /^rcpt/i.test(line)) return '550 5.1.1 there is nobody of that name';
  return /^quit/i.test(line) ? '221 bye' : '250 ok';
}
