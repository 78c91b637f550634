import type { Words } from '../words/en.ts';
import {
  formatBytes,
  formatClock,
  formatDistance,
  formatMoment,
  formatPercent,
  formatTimeLeft,
} from '../words/formats.ts';
import { language, words } from '../words/words.ts';
import type { Conversion } from './conversion.ts';
import { failureText, warningTexts } from './reasons.ts';

/** How it stands with it, in one line, and why, where that needs one more. */
export function CardState({ conversion }: { readonly conversion: Conversion }) {
  const said = words.value;
  const { status, warnings } = conversion;
  return (
    <div class="card-said">
      <p class="card-state">
        <span class="badge">{said.status[status]}</span> {figures(said, conversion).join(' · ')}
      </p>
      {status === 'failed' && <p class="fault">{failureText(said, conversion.error?.code)}</p>}
      {status === 'expired' && <p class="hint">{said.expiredHint}</p>}
      {status === 'cancelled' && <p class="hint">{said.cancelledHint}</p>}
      {warningTexts(said, warnings).map((text) => (
        <p key={text} class="warning">
          {text}
        </p>
      ))}
    </div>
  );
}

function figures(said: Words, conversion: Conversion): string[] {
  const spoken = language.value;
  const { status, progress, seconds_left: secondsLeft, attempts } = conversion;
  if (status === 'converting') {
    return [
      formatPercent(spoken, progress),
      ...(secondsLeft === null ? [] : [said.timeLeft(formatTimeLeft(spoken, secondsLeft))]),
      ...(attempts > 1 ? [said.attempt(attempts)] : []),
    ];
  }
  const created = formatMoment(spoken, new Date(conversion.created_at), new Date());
  if (status !== 'ready') return [created];
  const { duration_seconds: seconds, audio_size_bytes: bytes, expires_at: until } = conversion;
  return [
    ...(seconds === null ? [] : [formatClock(seconds)]),
    ...(bytes === null ? [] : [formatBytes(spoken, bytes)]),
    created,
    ...(until === null
      ? []
      : [said.keptUntil(formatDistance(spoken, new Date(until), new Date()))]),
  ];
}
