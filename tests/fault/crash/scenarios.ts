import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { type SampleName, sample } from '../../support/media.ts';
import type { BuildName } from './builds.ts';
import type { Drive, Told } from './drive.ts';
import type { FunctionName } from './function-host.ts';
import type { Side } from './watched-ports.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** What happens to an upload, and whose points in it are tried. */
export interface Scenario {
  readonly title: string;
  readonly functions: readonly FunctionName[];
  /** Of those points only these; absent: all. */
  readonly points?: RegExp;
  readonly build?: BuildName;
  run(drive: Drive): Promise<Told>;
}

async function upload(drive: Drive, name: SampleName): Promise<Pick<Told, 'id' | 'isAnswered'>> {
  const path = await sample(name);
  const body = new FormData();
  body.set('video', new File([Uint8Array.from(await readFile(path))], basename(path)));
  const answer = await drive.request('/api/v1/files', { method: 'POST', body });
  if (answer?.status !== 202) return { isAnswered: false };
  return { isAnswered: true, id: String(JSON.parse(answer.body).file_id) };
}

const TUS = { 'tus-resumable': '1.0.0' };

/** A client that goes on from where the service says that it is, as long as that takes, or gives up. */
async function uploadInParts(drive: Drive, name: SampleName, { givesUp = false } = {}) {
  const content = Uint8Array.from(await readFile(await sample(name)));
  const create = { method: 'POST', headers: { ...TUS, 'upload-length': String(content.length) } };
  const created =
    (await drive.request('/api/v1/uploads', create)) ??
    (await drive.request('/api/v1/uploads', create));
  const path = String(created?.headers['location']).replace(/^https?:\/\/[^/]+/, '');
  const half = Math.ceil(content.length / 2);
  let offset = 0;
  let wasAnswered = true;
  while (offset < content.length || !wasAnswered) {
    if (!wasAnswered && givesUp) break;
    if (!wasAnswered) {
      drive.pass(60_000); // whoever died has had the lease for 45 s
      const head = await drive.request(path, { method: 'HEAD', headers: TUS });
      if (head === undefined) continue;
      offset = Number(head.headers['upload-offset']);
      wasAnswered = true;
      continue;
    }
    const body = content.subarray(offset, offset + half);
    const headers = {
      ...TUS,
      'content-type': 'application/offset+octet-stream',
      'upload-offset': String(offset),
    };
    const answer = await drive.request(path, { method: 'PATCH', headers, body });
    wasAnswered = answer !== undefined;
    if (answer?.status === 204) offset = Number(answer.headers['upload-offset']);
    else if (answer !== undefined) throw new Error(`${answer.status}: ${answer.body}`);
  }
  return { isAnswered: true, id: path.slice(path.lastIndexOf('/') + 1) };
}

/** Asks again, as its owner would, until there is an answer. */
async function insist(drive: Drive, path: string, method: string): Promise<void> {
  if ((await drive.request(path, { method })) === undefined) await drive.request(path, { method });
}

export const SCENARIOS: readonly Scenario[] = [
  {
    title: 'an upload in one piece',
    functions: ['gateway', 'converter', 'notifier'],
    async run(drive) {
      drive.arm();
      const told = await upload(drive, 'short-sound');
      await drive.pump();
      return { ...told, ending: 'ready' };
    },
  },
  {
    title: 'an upload in two parts',
    functions: ['gateway'],
    async run(drive) {
      drive.arm();
      const told = await uploadInParts(drive, 'short-sound');
      await drive.pump();
      return { ...told, ending: 'ready' };
    },
  },
  {
    title: 'a video without sound',
    functions: ['converter', 'notifier'],
    async run(drive) {
      drive.arm();
      const told = await upload(drive, 'no-audio');
      await drive.pump();
      return { ...told, ending: 'failed' };
    },
  },
  {
    title: 'a store that is away once',
    functions: ['converter'],
    build: 'stores are away once',
    async run(drive) {
      drive.arm();
      const told = await upload(drive, 'short-sound');
      await drive.pump();
      return { ...told, ending: 'ready' };
    },
  },
  {
    title: 'a conversion of some seconds',
    functions: ['converter'],
    // How many there are, the speed of the machine decides.
    points: / of a renewal #1$/,
    async run(drive) {
      drive.arm();
      const told = await upload(drive, 'long-sound');
      await drive.pump();
      return { ...told, ending: 'ready' };
    },
  },
  {
    title: 'an address that nobody has',
    functions: ['notifier'],
    async run(drive) {
      drive.refuseMail();
      drive.arm();
      const told = await upload(drive, 'short-sound');
      await drive.pump();
      return { ...told, ending: 'ready', isUnreachable: true };
    },
  },
  {
    title: 'a conversion that is cancelled',
    functions: ['gateway'],
    async run(drive) {
      const told = await upload(drive, 'short-sound');
      drive.arm();
      await insist(drive, `/api/v1/files/${told.id}/cancel`, 'POST');
      await drive.pump();
      return { ...told, ending: 'cancelled' };
    },
  },
  {
    title: 'a conversion that is cancelled when its converter has died',
    functions: ['gateway', 'converter', 'janitor'],
    async run(drive) {
      drive.dieNext('converter', { name: 'files.put mp3s, first piece #1', side: 'after' });
      const told = await upload(drive, 'short-sound');
      await drive.deliver('video.uploaded');
      drive.arm();
      await insist(drive, `/api/v1/files/${told.id}/cancel`, 'POST');
      await drive.pump();
      drive.pass(2 * MINUTE_MS);
      await drive.tidyUp();
      return { ...told, ending: 'cancelled' };
    },
  },
  {
    title: 'an MP3 that is removed',
    functions: ['gateway'],
    async run(drive) {
      const told = await upload(drive, 'short-sound');
      await drive.pump();
      drive.arm();
      await insist(drive, `/api/v1/files/${told.id}`, 'DELETE');
      return { ...told, ending: 'removed' };
    },
  },
  {
    title: 'janitor: a message that was not published',
    functions: ['janitor'],
    run: (drive) => afterDeath(drive, 'gateway', 'queue.publish video.uploaded #1', 'before'),
  },
  {
    title: 'janitor: a message about an MP3 that is lost',
    functions: ['janitor', 'notifier'],
    async run(drive) {
      const told = await upload(drive, 'short-sound');
      await drive.deliver('video.uploaded');
      await drive.lose('audio.ready');
      drive.arm();
      drive.pass(7 * HOUR_MS);
      await drive.tidyUp();
      return { ...told, ending: 'ready' };
    },
  },
  {
    title: 'janitor: a last part whose taker died, and whose sender has gone',
    functions: ['janitor'],
    async run(drive) {
      drive.dieNext('gateway', { name: 'files.complete videos #1', side: 'before' });
      const told = await uploadInParts(drive, 'short-sound', { givesUp: true });
      drive.arm();
      drive.pass(2 * MINUTE_MS);
      await drive.tidyUp();
      return { ...told, ending: 'ready' };
    },
  },
  {
    title: 'janitor: an upload that never ended',
    functions: ['janitor'],
    run: (drive) =>
      afterDeath(drive, 'gateway', 'files.put videos, first piece #1', 'after', 2 * HOUR_MS),
  },
  {
    title: 'janitor: a converter that died',
    functions: ['janitor'],
    run: (drive) => afterDeath(drive, 'converter', 'files.put mp3s, first piece #1', 'after'),
  },
  {
    title: 'janitor: a video that was not removed',
    functions: ['janitor'],
    run: (drive) => afterDeath(drive, 'converter', 'queue.publish audio.ready #1', 'after'),
  },
  {
    title: 'janitor: a removal that was begun',
    functions: ['janitor'],
    async run(drive) {
      const told = await upload(drive, 'short-sound');
      await drive.pump();
      drive.dieNext('gateway', { name: 'files.remove videos #1', side: 'before' });
      await drive.request(`/api/v1/files/${told.id}`, { method: 'DELETE' });
      drive.arm();
      drive.pass(2 * MINUTE_MS);
      await drive.tidyUp();
      return { ...told, ending: 'removed' };
    },
  },
  {
    title: 'janitor: an MP3 that has had its time',
    functions: ['janitor'],
    async run(drive) {
      const told = await upload(drive, 'short-sound');
      await drive.pump();
      drive.arm();
      drive.pass(8 * 24 * HOUR_MS);
      await drive.tidyUp();
      return { ...told, ending: 'expired' };
    },
  },
];

/** An upload in one piece, in which somebody dies; the points are those of the janitor that comes then. */
async function afterDeath(
  drive: Drive,
  functionName: FunctionName,
  name: string,
  side: Side,
  passMs = 2 * MINUTE_MS,
): Promise<Told> {
  drive.dieNext(functionName, { name, side });
  const told = await upload(drive, 'short-sound');
  await drive.pump();
  drive.arm();
  drive.pass(passMs);
  await drive.tidyUp();
  return { ...told, ending: 'ready' };
}
