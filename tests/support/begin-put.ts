/**
 * A process that begins a put and never ends it, so that a test can kill it in the middle:
 * `node begin-put.ts '{ "store": "disk", "options": {…}, "file": {…} }'`. With a `position` it is an
 * append from there. Says `begun` when a good part of the content has been taken.
 */
import { createDiskFileStore } from '../../src/adapters/files/disk.ts';
import { createGridfsFileStore } from '../../src/adapters/files/gridfs.ts';
import { contentOf } from './generated-content.ts';

const MIB = 1024 * 1024;

const { store, options, file, position } = JSON.parse(process.argv[2] ?? '');
const files = store === 'disk' ? createDiskFileStore(options) : createGridfsFileStore(options);

async function* endless(start: number) {
  yield* contentOf(start, start + 4 * MIB);
  process.stdout.write('begun\n');
  await new Promise(() => setInterval(() => undefined, 60_000));
}

if (position === undefined) await files.put(file, endless(0));
else await files.append(file, position, endless(position));
