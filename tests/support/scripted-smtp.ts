import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';

/** What a client says; `GREETING` is the moment before it says anything, `END` the dot after the mail. */
type Turn = 'GREETING' | 'EHLO' | 'MAIL' | 'RCPT' | 'DATA' | 'END' | 'QUIT';

/** The connection ends without a word. */
export const HANGS_UP = Symbol('hangs up');

/** The reply to a turn; `undefined`: silence. */
type Reply = string | undefined | typeof HANGS_UP;

export type SmtpScript = Readonly<Partial<Record<Turn, Reply>>>;

const TAKES_EVERYTHING: Record<string, Reply> = {
  GREETING: '220 scripted',
  DATA: '354 go on',
  QUIT: '221 bye',
};

export interface ScriptedSmtp {
  readonly url: string;
  /** What was said so far, mails included. */
  readonly heard: readonly string[];
  /** How many have been made. */
  connections(): number;
  /** How many are there. */
  open(): number;
  /** Ends every connection without a word, as servers do with idle ones. */
  hangUp(): void;
}

/** An SMTP server that keeps to a script, until the test has finished. */
export async function scriptedSmtp(script: SmtpScript = {}): Promise<ScriptedSmtp> {
  const replies: Record<string, Reply> = { ...TAKES_EVERYTHING, ...script };
  const heard: string[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;

  const server = createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    let isMail = false;
    const reply = (turn: string) => {
      const text = turn in replies ? replies[turn] : '250 ok';
      if (text === HANGS_UP) socket.destroy();
      else if (text !== undefined) socket.write(`${text}\r\n`);
      isMail = turn === 'DATA' && typeof text === 'string' && text.startsWith('354');
    };
    createInterface({ input: socket }).on('line', (line) => {
      heard.push(line);
      if (!isMail) reply(line.slice(0, 4).toUpperCase());
      else if (line === '.') reply('END');
    });
    reply('GREETING');
  });
  const hangUp = () => {
    for (const socket of sockets) socket.destroy();
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    hangUp();
    server.close();
  });

  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return {
    url: `smtp://127.0.0.1:${address.port}`,
    heard,
    connections: () => connections,
    open: () => sockets.size,
    hangUp,
  };
}
