import type { Words } from '../words/en.ts';
import { formatBytes, formatSpokenDuration } from '../words/formats.ts';
import { language, words } from '../words/words.ts';
import type { Conversion } from './conversion.ts';

/** What was found in the video, and what was made of it. */
export function ConversionFacts({ conversion }: { readonly conversion: Conversion }) {
  const said = words.value;
  return (
    <dl class="facts">
      {factsOf(said, conversion).map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function factsOf(said: Words, conversion: Conversion): (readonly [string, string])[] {
  const spoken = language.value;
  const { facts } = said;
  const { duration_seconds: seconds, audio_size_bytes: audioBytes } = conversion;
  const moment = (text: string) =>
    new Intl.DateTimeFormat(spoken, { dateStyle: 'medium', timeStyle: 'short' }).format(
      new Date(text),
    );
  const { expires_at: until, video_size_bytes: videoBytes } = conversion;
  return [
    ...optional(facts.source, sourceText(said, conversion)),
    ...optional(facts.made, madeText(said, conversion)),
    ...optional(facts.length, seconds === null ? '' : formatSpokenDuration(spoken, seconds)),
    ...optional(facts.videoSize, videoBytes > 0 ? formatBytes(spoken, videoBytes) : ''),
    ...optional(facts.size, audioBytes === null ? '' : formatBytes(spoken, audioBytes)),
    [facts.uploaded, moment(conversion.created_at)],
    ...optional(facts.expires, until === null ? '' : moment(until)),
  ];
}

const optional = (name: string, value: string) => (value === '' ? [] : [[name, value] as const]);

function sourceText(said: Words, { source }: Conversion): string {
  if (source === null) return '';
  const { codec, bitrate, channels, sample_rate: rateHz } = source;
  const named: Readonly<Record<string, string>> = said.channels;
  const spoken = language.value;
  return [
    codec?.toUpperCase(),
    bitrate && said.bitrateOf(String(bitrate)),
    channels && (named[channels] ?? channels),
    rateHz && `${new Intl.NumberFormat(spoken).format(rateHz / 1000)} kHz`,
  ]
    .filter(Boolean)
    .join(', ');
}

function madeText(said: Words, { made }: Conversion): string {
  if (made === null) return '';
  if (made.how === 'copied') return said.madeCopied;
  const how = said.madeEncoded(made.as ?? '');
  return made.normalized ? `${how}, ${said.madeNormalized}` : how;
}
