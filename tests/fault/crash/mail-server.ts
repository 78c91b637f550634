import { once } from 'node:events';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';

/** An SMTP server that takes everything and keeps the Message-IDs; a mail is taken with the answer to its dot. */
export async function startMailServer() {
  let messageIds: string[] = [];
  const server = createServer((socket) => {
    socket.on('error', () => undefined); // its client was killed
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
      socket.write(/^quit/i.test(line) ? '221 bye\r\n' : '250 ok\r\n');
    };
    createInterface({ input: socket }).on('line', hear);
    socket.write('220 here\r\n');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = Object(server.address());
  return {
    url: `smtp://127.0.0.1:${port}`,
    messageIds: (): readonly string[] => [...messageIds],
    forget() {
      messageIds = [];
    },
    stop: () => server.close(),
  };
}
