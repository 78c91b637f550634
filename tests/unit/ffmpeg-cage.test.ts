import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type FfmpegProcess, startFfmpeg } from '../../src/adapters/transcoder/ffmpeg-process.ts';
import { ffmpegPath as found } from '../support/media.ts';
import { processTree } from '../support/processes.ts';

const ffmpegPath = found ?? 'no ffmpeg';
const cagePath = join(dirname(ffmpegPath), 'ffmpeg-cage');

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

/** The URL of a server that answers like this. */
async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/`;
}

function start(program: string, args: readonly string[]) {
  const messages: string[] = [];
  const onMessage = (line: string) => void messages.push(line);
  const started: FfmpegProcess = startFfmpeg(program, args, { onMessage, onProgress() {} });
  started.audio.resume();
  return { ...started, messages };
}

async function run(program: string, ...args: string[]) {
  const { ended, messages } = start(program, args);
  const { code } = await ended;
  return { code, said: messages.join('\n') };
}

/** Linux 6.7 brought the version that knows ports. */
const PORTS_SINCE_LANDLOCK = 4;

describe.skipIf(!existsSync(cagePath))('the cage of the layer (layers/ffmpeg/cage.c)', () => {
  // It lies beside itself, too: what it starts here, in the place of ffmpeg, is itself.
  it('lets ffmpeg open no file', async () => {
    for (const program of ['/bin/true', cagePath]) {
      const said = `ffmpeg-cage: ${program}: Permission denied`;
      expect(await run(cagePath, '--', program)).toEqual({ code: 126, said });
    }
  });

  it('starts nothing without a limit that it is told of', async () => {
    const { code, said } = await run(cagePath, '--nproc=1', '--', cagePath);
    expect(code).toBe(126);
    expect(said).toContain('--nproc=1');
  });

  it('leaves ffmpeg three outputs, the connection that it makes, and no way to more rights', async () => {
    const before = await processTree(process.pid);
    const connected = Promise.withResolvers<void>();
    const url = await serve(() => connected.resolve());
    const { kill, ended } = start(ffmpegPath, ['-nostdin', '-i', url]);
    await connected.promise;
    const [pid] = (await processTree(process.pid)).filter((process) => !before.includes(process));
    expect(await readdir(`/proc/${pid}/fd`)).toEqual(['0', '1', '2', '3', '4']);
    expect(await readFile(`/proc/${pid}/status`, 'utf8')).toMatch(/^NoNewPrivs:\t1$/m);
    kill();
    await ended;
  });

  it('lets ffmpeg connect to its source and to nothing else', async ({ skip }) => {
    const version = Number(/Landlock (-?\d+)/.exec((await run(cagePath)).said)?.[1]);
    skip(version < PORTS_SINCE_LANDLOCK, `Landlock ${version} knows no ports`);
    let requests = 0;
    const elsewhere = await serve((_, response) => {
      requests += 1;
      response.end();
    });
    const source = await serve((_, response) => {
      response.writeHead(302, { location: elsewhere }).end();
    });
    expect((await run(ffmpegPath, '-nostdin', '-i', source)).said).toContain('Permission denied');
    expect(requests).toBe(0);
    await run(ffmpegPath, '-nostdin', '-i', elsewhere);
    expect(requests).toBeGreaterThan(0);
  });
});
