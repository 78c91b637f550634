/**
 * A client in a process of its own: begins an upload, or goes on with one, and prints its address and
 * then, after every part, how many bytes are stored. Kills itself at so many bytes, if told to.
 *
 *     node upload-by-tus.ts <token> <file> <bytes of a part> new|resume <address> [bytes]
 */
import { readFile } from 'node:fs/promises';
import { Upload } from 'tus-js-client';

const [token = '', file = '', partBytes = '', mode, address = '', killAt] = process.argv.slice(2);
const done = Promise.withResolvers<void>();
const upload = new Upload(await readFile(file), {
  ...(mode === 'new' ? { endpoint: address } : { uploadUrl: address }),
  chunkSize: Number(partBytes),
  headers: { authorization: `Bearer ${token}` },
  metadata: { filename: 'resumed.mp4', filetype: 'video/mp4' },
  retryDelays: [200, 500, 1000, 2000],
  onUploadUrlAvailable: () => process.stdout.write(`${upload.url}\n`),
  onChunkComplete(_bytes, stored) {
    process.stdout.write(`${stored}\n`, () => {
      if (stored === Number(killAt)) process.kill(process.pid, 'SIGKILL');
    });
  },
  onError: done.reject,
  onSuccess: () => done.resolve(),
});
upload.start();
await done.promise;
