import { oneLine, shorten } from './layout.ts';

const FILE_NAME_MAX_CHARACTERS = 80;
const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

/** A file's name, which its owner chose, fit to stand in a sentence. */
export function fileNameInWords(fileName: string): string {
  return shorten(oneLine(fileName), FILE_NAME_MAX_CHARACTERS) || 'your video';
}

/** `1.4 MB` */
export function sizeInWords(sizeBytes: number): string {
  let value = sizeBytes;
  let unit = 0;
  // 999.5 would be rounded to 1000 of a unit, which is 1 of the next.
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : 1;
  return `${value.toFixed(digits)} ${UNITS[unit]}`;
}

/** `1:02:03`, `4:05` */
export function durationInWords(durationSeconds: number): string {
  const total = Math.round(durationSeconds);
  const [hours, minutes, seconds] = [total / 3600, (total / 60) % 60, total % 60].map(Math.floor);
  const padded = (value = 0) => String(value).padStart(2, '0');
  return hours ? `${hours}:${padded(minutes)}:${padded(seconds)}` : `${minutes}:${padded(seconds)}`;
}

const DATE_FORMAT = new Intl.DateTimeFormat('en-GB', {
  dateStyle: 'long',
  timeStyle: 'short',
  timeZone: 'UTC',
});

/** `4 May 2026 at 10:00 UTC` */
export function dateInWords(date: Date): string {
  return `${DATE_FORMAT.format(date)} UTC`;
}
