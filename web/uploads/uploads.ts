import { type ReadonlySignal, signal } from '@preact/signals';
import { Uppy } from '@uppy/core';
import Tus from '@uppy/tus';
import type { HttpRequest } from 'tus-js-client';
import { Problem } from '../api/problem.ts';
import type { Session } from '../session/session.ts';
import type { UploadLimits } from './limits.ts';
import { createSpeedometer, type Speedometer } from './speedometer.ts';
import { conversionIdOf, type UploadItem } from './upload-item.ts';
import { uploadProblem } from './upload-problem.ts';

/** Longer than any break that a line recovers from by itself; then it is for the user to say. */
/** The first takes a conversion that ends, which `retryAll` knows of; the other a day. */
const OUTLASTS_RETRIES = ['too-many-conversions', 'daily-limit-reached'];
const RETRY_DELAYS_MS = [0, 1_000, 3_000, 5_000, 10_000, 15_000, 30_000, 30_000, 60_000];
/** More at once do not come sooner. */
const MAX_AT_ONCE = 3;

interface UploadsDeps {
  readonly session: Pick<Session, 'accessToken' | 'tokenRefused'>;
  /** Whose uploads: what is remembered for one is not found by another. */
  readonly userId: string;
  readonly endpoint: string;
  readonly limits: UploadLimits;
  /** Resolves when its conversion is shown, and the upload need not be any more. */
  onDone(item: UploadItem): Promise<void>;
  onFailed(item: UploadItem): void;
}

export interface Uploads {
  readonly items: ReadonlySignal<readonly UploadItem[]>;
  /** @returns false when it is being uploaded already */
  add(file: File, metadata: Record<string, string>, conversionId?: string): boolean;
  pause(id: string): void;
  resume(id: string): void;
  retry(id: string): void;
  remove(id: string): void;
  /** What such a problem has stopped goes on; so many of them, if that is said. */
  retryAll(code: 'unreachable' | 'too-many-conversions', most?: number): void;
  /** Nothing is sent any more; what has arrived stays, to go on from. */
  close(): void;
}

/**
 * Uploads by tus (docs/uploading.md). The browser remembers the address of each under the name, size and
 * date of its file, so that the same file, chosen again after a reload, goes on from where it was.
 */
export function createUploads(deps: UploadsDeps): Uploads {
  const { limits } = deps;
  const items = signal<readonly UploadItem[]>([]);
  const speedometers = new Map<string, Speedometer>();
  const uppy = new Uppy({ id: `soundlift-${deps.userId}`, autoProceed: true });
  uppy.use(Tus, {
    endpoint: deps.endpoint,
    chunkSize: limits.partBytes,
    limit: MAX_AT_ONCE,
    retryDelays: RETRY_DELAYS_MS,
    removeFingerprintOnSuccess: true,
    onShouldRetry: (error, _attempt, _options, usually) =>
      !OUTLASTS_RETRIES.includes(uploadProblem(error).code) && usually(error),
    ...authorization(deps.session),
  });

  function change(id: string | undefined, to: Partial<UploadItem>): UploadItem | undefined {
    items.value = items.value.map((item) => (item.id === id ? { ...item, ...to } : item));
    return items.value.find((item) => item.id === id);
  }

  function drop(id: string): void {
    items.value = items.value.filter((item) => item.id !== id);
    speedometers.delete(id);
    if (uppy.getState().files[id] !== undefined) uppy.removeFile(id);
  }

  uppy.on('upload-start', (files) => {
    for (const { id } of files) change(id, { state: 'sending', problem: undefined });
  });
  uppy.on('upload-pause', (file, isPaused) => {
    if (isPaused) speedometers.delete(file?.id ?? '');
    change(file?.id, { state: isPaused ? 'paused' : 'sending', bytesPerSecond: undefined });
  });
  uppy.on('upload-progress', (file, progress) => {
    if (file === undefined) return;
    const sentBytes = Number(progress.bytesUploaded);
    const speedometer = speedometers.get(file.id) ?? createSpeedometer();
    speedometers.set(file.id, speedometer);
    speedometer.add({ atMs: performance.now(), sentBytes });
    const bytesPerSecond = speedometer.bytesPerSecond(performance.now());
    const uploadUrl = 'tus' in file ? file.tus?.uploadUrl : undefined;
    const conversionId = conversionIdOf(uploadUrl ?? undefined);
    change(file.id, { sentBytes, bytesPerSecond, ...(conversionId && { conversionId }) });
  });
  uppy.on('upload-success', async (file, { uploadURL }) => {
    const conversionId = conversionIdOf(uploadURL);
    const item = change(file?.id, { state: 'done', conversionId });
    if (item === undefined) return;
    await deps.onDone(item);
    drop(item.id);
  });
  uppy.on('upload-error', (file, error) => {
    const item = change(file?.id, { state: 'failed', problem: uploadProblem(error) });
    if (item !== undefined) deps.onFailed(item);
  });

  function retry(id: string): void {
    change(id, { state: 'sending', problem: undefined });
    // How it ends is told by events.
    void uppy.retryUpload(id).catch(() => undefined);
  }

  return {
    items,
    retry,
    add(file, metadata, conversionId) {
      const uploadUrl = conversionId && `${deps.endpoint}/${conversionId}`;
      // Uppy knows the file by its name, size and date, too, and names it so that it finds it again.
      if (uppy.getFiles().some(({ data }) => isSameFile(data, file))) return false;
      const id = uppy.addFile({
        name: file.name,
        type: file.type,
        data: file,
        meta: metadata,
        ...(uploadUrl && { tus: { uploadUrl } }),
      });
      const { name: fileName, size: sizeBytes } = file;
      const nothing = { sentBytes: 0, bytesPerSecond: undefined, problem: undefined };
      const item = { id, fileName, sizeBytes, ...nothing, state: 'waiting', conversionId } as const;
      items.value = [...items.value, item];
      return true;
    },
    pause(id) {
      if (!uppy.getFile(id).isPaused) uppy.pauseResume(id);
    },
    resume(id) {
      if (uppy.getFile(id).isPaused) uppy.pauseResume(id);
    },
    remove: drop,
    retryAll(code, most) {
      const stopped = items.value.filter(({ problem }) => problem?.code === code);
      for (const { id } of stopped.slice(0, most)) retry(id);
    },
    close() {
      // Not `destroy`, which cancels: that would remove from the server what has arrived.
      uppy.pauseAll();
      items.value = [];
    },
  };
}

function isSameFile(known: unknown, file: File): boolean {
  if (!(known instanceof File)) return false;
  const { name, size, lastModified } = known;
  return name === file.name && size === file.size && lastModified === file.lastModified;
}

/** Each request has a token that works, or waits for one, over the end of a session too. */
function authorization(session: UploadsDeps['session']) {
  const tokens = new WeakMap<HttpRequest, string>();
  return {
    async onBeforeRequest(request: HttpRequest) {
      const token = await session.accessToken();
      tokens.set(request, token);
      request.setHeader('authorization', `Bearer ${token}`);
    },
    /**
     * A 401 to HEAD would make the client forget the upload and begin anew; without an answer it tries
     * again. https://github.com/tus/tus-js-client/blob/v4.3.1/lib/upload.js#L683
     */
    async onAfterResponse(request: HttpRequest, response: { getStatus(): number }) {
      if (response.getStatus() !== 401) return;
      await session.tokenRefused(tokens.get(request) ?? '');
      throw new Problem({ code: 'not-authenticated', status: 401 });
    },
  };
}
