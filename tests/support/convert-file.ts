/*
 * A program: converts a file as the converter would, so that somebody can watch.
 *
 *   node tests/support/convert-file.ts FFMPEG FILE [OPTIONS]
 *
 * With options for the input it takes them instead of the safe ones, and nothing else is different.
 */
import { createFfmpegTranscoder } from '../../src/adapters/transcoder/ffmpeg.ts';
import { startFfmpeg } from '../../src/adapters/transcoder/ffmpeg-process.ts';
import { serveRanges } from '../../src/adapters/transcoder/range-server.ts';
import { SoundliftError } from '../../src/domain/errors.ts';
import { drain, fileSource, jobOf } from './media-source.ts';

const [ffmpegPath = '', path = '', ...unsafeOptions] = process.argv.slice(2);
const source = await fileSource(path);

async function convert(): Promise<void> {
  const { audio } = await createFfmpegTranscoder({ ffmpegPath }).toMp3(jobOf(source));
  await drain(audio);
}

async function convertUnsafely(): Promise<void> {
  const server = await serveRanges(source, { onRead() {}, onSourceError() {} });
  const input = ['-nostdin', ...unsafeOptions, '-i', server.url];
  const output = { onMessage() {}, onProgress() {} };
  const { audio, ended } = startFfmpeg(
    ffmpegPath,
    [...input, '-vn', '-f', 'mp3', 'pipe:1'],
    output,
  );
  await drain(audio);
  await ended;
  await server.close();
}

try {
  await (unsafeOptions.length > 0 ? convertUnsafely() : convert());
} catch (error) {
  // How it ends is for other tests: in all of them, what it does until then is looked at.
  if (!(error instanceof SoundliftError)) throw error;
}
