import type { Language } from './language.ts';

const BYTE_UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const;

/** `7.3 MB`; thousands, as operating systems show it. */
export function formatBytes(language: Language, bytes: number): string {
  const step = Math.min(BYTE_UNITS.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  const value = bytes / 1000 ** step;
  return new Intl.NumberFormat(language, {
    style: 'unit',
    unit: BYTE_UNITS[step] ?? 'byte',
    unitDisplay: step === 0 ? 'long' : 'short',
    maximumFractionDigits: step < 2 || value >= 100 ? 0 : 1,
  }).format(value);
}

/** `2.4 MB/s`. Intl knows no byte per second. */
export function formatSpeed(language: Language, bytesPerSecond: number): string {
  return `${formatBytes(language, bytesPerSecond)}/${language === 'ru' ? 'с' : 's'}`;
}

export function formatPercent(language: Language, share: number): string {
  return new Intl.NumberFormat(language, { style: 'percent' }).format(share);
}

/** As a clock shows it: `3:05`, `1:02:03`. */
export function formatClock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const twoDigits = (value: number) => String(value).padStart(2, '0');
  const end = `${hours > 0 ? twoDigits(minutes) : minutes}:${twoDigits(whole % 60)}`;
  return hours > 0 ? `${hours}:${end}` : end;
}

/** As it is said: `3 minutes, 5 seconds`. */
export function formatSpokenDuration(language: Language, seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const parts = [
    { value: Math.floor(whole / 3600), unit: 'hour' },
    { value: Math.floor(whole / 60) % 60, unit: 'minute' },
    { value: whole % 60, unit: 'second' },
  ].filter(({ value, unit }) => value > 0 || (unit === 'second' && whole < 60));
  return parts.map(({ value, unit }) => formatUnit(language, value, unit, 'long')).join(', ');
}

/** What is left, no more exact than it is known: `8 sec`, `3 min`, `2 hr`. */
export function formatTimeLeft(language: Language, seconds: number): string {
  if (seconds < 60) return formatUnit(language, Math.max(1, Math.ceil(seconds)), 'second', 'short');
  if (seconds < 3600) return formatUnit(language, Math.round(seconds / 60), 'minute', 'short');
  return formatUnit(language, Math.round(seconds / 3600), 'hour', 'short');
}

function formatUnit(
  language: Language,
  value: number,
  unit: string,
  unitDisplay: 'short' | 'long',
) {
  return new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay }).format(value);
}

/** Today's by its hour, others by their day. */
export function formatMoment(language: Language, moment: Date, now: Date): string {
  const isToday = moment.toDateString() === now.toDateString();
  const isThisYear = moment.getFullYear() === now.getFullYear();
  return new Intl.DateTimeFormat(
    language,
    isToday
      ? { hour: 'numeric', minute: '2-digit' }
      : { day: 'numeric', month: 'short', ...(isThisYear ? {} : { year: 'numeric' }) },
  ).format(moment);
}

const RELATIVE_STEPS = [
  { unit: 'day', seconds: 24 * 3600 },
  { unit: 'hour', seconds: 3600 },
  { unit: 'minute', seconds: 60 },
] as const;

/** `in 2 days`, `in 5 hours`. */
export function formatDistance(language: Language, moment: Date, now: Date): string {
  const seconds = (moment.getTime() - now.getTime()) / 1000;
  const step = RELATIVE_STEPS.find((candidate) => Math.abs(seconds) >= candidate.seconds);
  const { unit, seconds: size } = step ?? { unit: 'minute', seconds: 60 };
  return new Intl.RelativeTimeFormat(language).format(Math.round(seconds / size), unit);
}
