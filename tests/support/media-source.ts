import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import type { MediaSource, TranscodeJob, Transcoding } from '../../src/ports/transcoder.ts';

/** A file on the disk, as a source. */
export async function fileSource(path: string): Promise<MediaSource> {
  const { size: sizeBytes } = await stat(path);
  return {
    sizeBytes,
    readRange: ({ start, end }) => createReadStream(path, { start, end: end - 1 }),
  };
}

export function bytesSource(content: Uint8Array | string): MediaSource {
  const bytes = Buffer.from(content);
  return {
    sizeBytes: bytes.length,
    async *readRange({ start, end }) {
      yield bytes.subarray(start, end);
    },
  };
}

/** The same source, whose bytes from `atByte` on cannot be read. */
export function failingSource(source: MediaSource, atByte: number, error: Error): MediaSource {
  return {
    sizeBytes: source.sizeBytes,
    async *readRange({ start, end }) {
      if (start < atByte) yield* source.readRange({ start, end: Math.min(end, atByte) });
      if (end > atByte) throw error;
    },
  };
}

const WAV_HEADER_BYTES = 44;

/** A WAV of silence of any size, made as it is read: 48 kHz, mono, 16 bits. */
export function silentWav(
  sizeBytes: number,
  onRead: (bytes: number) => void = () => {},
): MediaSource {
  const header = Buffer.alloc(WAV_HEADER_BYTES);
  header.write('RIFF', 0);
  header.writeUInt32LE(sizeBytes - 8, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(48_000, 24);
  header.writeUInt32LE(96_000, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36);
  header.writeUInt32LE(sizeBytes - WAV_HEADER_BYTES, 40);
  return {
    sizeBytes,
    async *readRange({ start, end }) {
      const piece = Buffer.alloc(end - start);
      if (start < WAV_HEADER_BYTES) header.copy(piece, 0, start);
      onRead(piece.length);
      yield piece;
    },
  };
}

export function jobOf(source: MediaSource, job: Partial<TranscodeJob> = {}): TranscodeJob {
  const signal = new AbortController().signal;
  return { source, fileName: 'talk.mp4', options: {}, signal, onProgress: () => {}, ...job };
}

/** Writes the whole MP3 as a file store does: the head last, into the place kept for it. */
export async function writeMp3({ audio, head }: Transcoding, path: string): Promise<void> {
  const file = await open(path, 'w');
  try {
    let at = head.sizeBytes;
    for await (const piece of audio) {
      await file.write(piece, 0, piece.length, at);
      at += piece.length;
    }
    await file.write(head.complete(), 0, head.sizeBytes, 0);
  } finally {
    await file.close();
  }
}

/** Reads the MP3 after its head to its end and returns how many bytes it had. */
export async function drain(audio: AsyncIterable<Uint8Array>): Promise<number> {
  let bytes = 0;
  for await (const piece of audio) bytes += piece.length;
  return bytes;
}
