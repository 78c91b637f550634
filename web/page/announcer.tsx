import { signal } from '@preact/signals';

interface Announcement {
  readonly number: number;
  readonly text: string;
}

/** So many stay in the page: what comes at once is read one after the other. */
const MAX_KEPT = 4;

const announcements = signal<readonly Announcement[]>([]);
let count = 0;

/** Says it to who hears the page; to who sees it, something else shows it. */
export function announce(text: string): void {
  count += 1;
  announcements.value = [...announcements.value, { number: count, text }].slice(-MAX_KEPT);
}

/** The page's one live region: https://www.w3.org/TR/wai-aria-1.2/#aria-live */
export function Announcements() {
  return (
    <div class="only-heard" role="status" aria-live="polite" aria-atomic="false">
      {announcements.value.map(({ number, text }) => (
        <p key={number}>{text}</p>
      ))}
    </div>
  );
}
