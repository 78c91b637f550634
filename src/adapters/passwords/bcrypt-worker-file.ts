/** Where the thread's code is. In a bundle it is beside it, which scripts/bundle/driver-files.ts sees to. */
export const BCRYPT_WORKER_FILE = new URL('./bcrypt-worker.ts', import.meta.url);
