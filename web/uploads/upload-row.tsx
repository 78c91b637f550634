import { CloseIcon, PauseIcon, PlayIcon, RetryIcon } from '../page/icons.tsx';
import { isOnline } from '../page/online.ts';
import { problemText } from '../page/problem-text.ts';
import { Strip } from '../page/strip.tsx';
import type { Words } from '../words/en.ts';
import { formatBytes, formatPercent, formatSpeed, formatTimeLeft } from '../words/formats.ts';
import { language, words } from '../words/words.ts';
import { secondsLeft } from './speedometer.ts';
import type { UploadItem } from './upload-item.ts';
import type { Uploads } from './uploads.ts';

interface UploadRowProps {
  readonly item: UploadItem;
  readonly uploads: Uploads;
}

/** One file on its way. */
export function UploadRow({ item, uploads }: UploadRowProps) {
  const said = words.value;
  const { id, fileName, sizeBytes, sentBytes, state } = item;
  const share = sizeBytes === 0 ? 0 : sentBytes / sizeBytes;
  const [sent, size] = [sentBytes, sizeBytes].map((bytes) => formatBytes(language.value, bytes));
  return (
    <li class="card" data-state={state}>
      <div class="card-head">
        <h3 class="card-title">{fileName}</h3>
        <span class="card-figures">{formatPercent(language.value, share)}</span>
      </div>
      <div
        class="strip-frame"
        role="progressbar"
        aria-label={said.of(said.upload, fileName)}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.floor(share * 100)}
      >
        <Strip id={item.conversionId ?? id} phase="arriving" share={share} />
      </div>
      <div class="card-foot">
        <p class={`card-state ${state === 'failed' ? 'fault' : ''}`}>{stateText(said, item)}</p>
        <p class="card-figures">{said.sentOf(sent ?? '', size ?? '')}</p>
        <div class="card-actions">
          <Actions item={item} uploads={uploads} />
        </div>
      </div>
    </li>
  );
}

function Actions({ item, uploads }: UploadRowProps) {
  const said = words.value;
  const { id, fileName, state } = item;
  if (state === 'done') return null;
  return (
    <>
      {state === 'sending' && (
        <button
          type="button"
          class="quiet"
          aria-label={said.of(said.pause, fileName)}
          onClick={() => uploads.pause(id)}
        >
          <PauseIcon /> {said.pause}
        </button>
      )}
      {state === 'paused' && (
        <button
          type="button"
          class="quiet"
          aria-label={said.of(said.resume, fileName)}
          onClick={() => uploads.resume(id)}
        >
          <PlayIcon /> {said.resume}
        </button>
      )}
      {state === 'failed' && (
        <button
          type="button"
          class="quiet"
          aria-label={said.of(said.retry, fileName)}
          onClick={() => uploads.retry(id)}
        >
          <RetryIcon /> {said.retry}
        </button>
      )}
      <button
        type="button"
        class="quiet"
        aria-label={said.of(said.remove, fileName)}
        onClick={() => {
          uploads.remove(id);
          document.getElementById('content')?.focus({ preventScroll: true });
        }}
      >
        <CloseIcon /> {said.remove}
      </button>
    </>
  );
}

function stateText(said: Words, item: UploadItem): string {
  const { state, problem, bytesPerSecond, sizeBytes, sentBytes } = item;
  if (!isOnline.value && (state === 'sending' || state === 'failed')) {
    return said.uploadState.offline;
  }
  if (state === 'failed') return problemText(said, problem);
  const left = secondsLeft(sizeBytes - sentBytes, bytesPerSecond);
  if (state !== 'sending' || bytesPerSecond === undefined || left === undefined) {
    return said.uploadState[state];
  }
  const speed = formatSpeed(language.value, bytesPerSecond);
  return `${speed}, ${said.timeLeft(formatTimeLeft(language.value, left))}`;
}
