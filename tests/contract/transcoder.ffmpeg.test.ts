import { readdir, readlink } from 'node:fs/promises';
import { createFfmpegTranscoder } from '../../src/adapters/transcoder/ffmpeg.ts';
import { ffmpegPath, sample } from '../support/media.ts';
import { fileSource } from '../support/media-source.ts';
import { processTree } from '../support/processes.ts';
import { transcoderContract } from './transcoder.contract.ts';
import { transcoderSoundContract } from './transcoder-sound.contract.ts';

const open = () => createFfmpegTranscoder({ ffmpegPath });

transcoderContract('ffmpeg', {
  open,
  openMissing: () => createFfmpegTranscoder({ ffmpegPath: '/nowhere/ffmpeg' }),
  usable: async () => await fileSource(await sample('mp4-index-at-end')),
  withoutAudio: async () => await fileSource(await sample('no-audio')),
  notMedia: async () => await fileSource(await sample('text-named-mp4')),
  held: async () => [...(await processTree(process.pid)), ...(await openSocketsAndPipes())],
});

transcoderSoundContract('ffmpeg', open());

/** What the system holds open for this process (Linux: from /proc). */
async function openSocketsAndPipes(): Promise<string[]> {
  const descriptors = await readdir('/proc/self/fd');
  const targets = descriptors.map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => 'closed'));
  return (await Promise.all(targets)).filter((target) => /^(socket|pipe):/.test(target)).toSorted();
}
