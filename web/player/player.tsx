import { useEffect, useRef, useState } from 'preact/hooks';
import type { Api } from '../api/api.ts';
import type { Conversion } from '../conversions/conversion.ts';
import { PauseIcon, PlayIcon } from '../page/icons.tsx';
import { problemText } from '../page/problem-text.ts';
import { formatClock, formatSpokenDuration } from '../words/formats.ts';
import { language, words } from '../words/words.ts';
import { seekBy } from './seek-by.ts';

interface PlayerProps {
  readonly conversion: Conversion;
  readonly api: Api;
}

/** Above it, decoding takes more memory than a picture of the sound is worth. */
const MAX_DRAWN_BYTES = 30_000_000;

/** Plays an MP3 by a signed link: the browser asks for the parts that it needs. */
export function Player({ conversion, api }: PlayerProps) {
  const said = words.value;
  const { file_id: id, filename } = conversion;
  const audio = useRef<HTMLAudioElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [source, setSource] = useState<string>();
  const [problem, setProblem] = useState<string>();
  const [isPlaying, setPlaying] = useState(false);
  const [position, setPosition] = useState(0);
  const duration = conversion.duration_seconds ?? 0;

  useEffect(() => {
    api.link(id).then(
      ({ url }) => setSource(toInline(url)),
      (error: unknown) => setProblem(problemText(words.value, error)),
    );
  }, [api, id]);
  useEffect(() => {
    const bytes = conversion.audio_size_bytes ?? Number.POSITIVE_INFINITY;
    if (source === undefined || bytes > MAX_DRAWN_BYTES) return;
    const leaving = new AbortController();
    // A picture only: who hears or moves through the sound does without.
    import('./waveform.ts')
      .then(({ loadPeaks }) => loadPeaks(source, bytes, leaving.signal))
      .then((peaks) => peaksOf.set(id, peaks))
      .catch(() => undefined)
      .finally(() => setDrawn((count) => count + 1));
    return () => leaving.abort();
  }, [source, id, conversion.audio_size_bytes]);
  const [drawn, setDrawn] = useState(0);
  useEffect(() => {
    const peaks = peaksOf.get(id);
    const target = canvas.current;
    if (peaks === undefined || target === null) return;
    void import('./waveform.ts').then(({ drawPeaks }) =>
      drawPeaks(target, peaks, duration === 0 ? 0 : position / duration),
    );
  }, [drawn, position, duration, id]);

  function seek(seconds: number): void {
    if (audio.current) audio.current.currentTime = seconds;
    setPosition(seconds);
  }
  function toggle(): void {
    const player = audio.current;
    if (player?.paused) player.play().catch(() => setProblem(words.value.playerFailed));
    else player?.pause();
  }
  return (
    <div class="player">
      {/* biome-ignore lint/a11y/useMediaCaption: there is nothing but sound, and no text of it */}
      <audio
        ref={audio}
        src={source}
        preload="auto"
        autoplay
        onPlay={() => setPlaying(true)}
        onPause={() => setPlaying(false)}
        onTimeUpdate={({ currentTarget }) => setPosition(currentTarget.currentTime)}
        onError={() => setProblem(words.value.playerFailed)}
      />
      <button
        type="button"
        class="icon-button"
        aria-label={said.of(isPlaying ? said.pauseSound : said.play, filename)}
        onClick={toggle}
      >
        {isPlaying ? <PauseIcon /> : <PlayIcon />}
      </button>
      <div class="player-track">
        <canvas ref={canvas} class="waveform" />
        <input
          type="range"
          class="seek"
          min={0}
          max={duration}
          step="any"
          value={position}
          aria-label={said.of(said.position, filename)}
          aria-valuetext={said.positionOf(
            formatSpokenDuration(language.value, position),
            formatSpokenDuration(language.value, duration),
          )}
          onInput={({ currentTarget }) => seek(currentTarget.valueAsNumber)}
          onKeyDown={(event) => {
            const wanted = seekBy(event.key, position, duration);
            if (wanted === undefined) return;
            event.preventDefault();
            seek(wanted);
          }}
        />
      </div>
      <p class="player-time">
        {formatClock(position)} / {formatClock(duration)}
      </p>
      {problem && <p class="fault">{problem}</p>}
    </div>
  );
}

/** What was decoded once is not decoded again. */
const peaksOf = new Map<string, readonly number[]>();

/** At this page's own origin, whatever name the service is known by: the page may load nothing else. */
function toInline(url: string): string {
  const { pathname, searchParams } = new URL(url, location.href);
  searchParams.set('inline', '1');
  return `${pathname}?${searchParams}`;
}
