import { signal } from '@preact/signals';
import { words } from '../words/words.ts';
import { announce } from './announcer.tsx';
import { CloseIcon } from './icons.tsx';

interface Notice {
  readonly number: number;
  readonly text: string;
}

const notices = signal<readonly Notice[]>([]);
let count = 0;

/** Says and shows something that has no place of its own, until it is closed. */
export function notify(text: string): void {
  announce(text);
  count += 1;
  // The same once more is said again, and stands there once.
  const others = notices.value.filter((notice) => notice.text !== text);
  notices.value = [...others, { number: count, text }];
}

export function Notices() {
  if (notices.value.length === 0) return null;
  const close = (closed: Notice) => {
    notices.value = notices.value.filter((notice) => notice !== closed);
    document.getElementById('content')?.focus({ preventScroll: true });
  };
  return (
    <ul class="notices">
      {notices.value.map((notice) => (
        <li key={notice.number} class="notice">
          <span>{notice.text}</span>
          <button
            type="button"
            class="icon-button"
            aria-label={words.value.dismiss}
            onClick={() => close(notice)}
          >
            <CloseIcon />
          </button>
        </li>
      ))}
    </ul>
  );
}
