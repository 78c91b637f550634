import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { type SampleName, sample } from '../../support/media.ts';
import type { BuildName } from './builds.ts';
import type { Drive, Told } from './drive.ts';
import type { FunctionName } from './function-host.ts';

/** What happens to an upload, and whose points in it are tried. */
export interface Scenario {
  readonly title: string;
  readonly functions: readonly FunctionName[];
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
];
