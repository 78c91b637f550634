import { useEffect, useRef, useState } from 'preact/hooks';
import type { Desk } from '../page/desk.ts';
import { CloseIcon, PlayIcon } from '../page/icons.tsx';
import { Strip, type StripPhase } from '../page/strip.tsx';
import { Player } from '../player/player.tsx';
import { playingId } from '../player/playing.ts';
import { words } from '../words/words.ts';
import { CardActions } from './card-actions.tsx';
import { CardState } from './card-state.tsx';
import type { Conversion } from './conversion.ts';
import { ConversionFacts } from './conversion-facts.tsx';
import { UnfinishedUpload } from './unfinished-upload.tsx';

interface CardProps {
  readonly conversion: Conversion;
  readonly desk: Desk;
  /** It was asked for by its address: it has the focus, and shows all of itself. */
  readonly isOpened: boolean;
}

/** One video that becomes, or has become, sound. */
export function ConversionCard({ conversion, desk, isOpened }: CardProps) {
  const said = words.value;
  const { file_id: id, filename, status } = conversion;
  const [areFactsShown, setFactsShown] = useState(isOpened);
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (!isOpened) return;
    title.current?.focus();
    title.current?.scrollIntoView({ block: 'center' });
  }, [isOpened]);
  const isPlaying = playingId.value === id;
  return (
    <li class={`card ${isOpened ? 'is-opened' : ''}`} data-state={status}>
      <div class="card-head">
        {status === 'ready' && (
          <button
            type="button"
            class="play-button"
            aria-expanded={isPlaying}
            aria-label={said.of(isPlaying ? said.closePlayer : said.play, filename)}
            onClick={() => {
              playingId.value = isPlaying ? undefined : id;
            }}
          >
            {isPlaying ? <CloseIcon /> : <PlayIcon />}
          </button>
        )}
        <h3 class="card-title" ref={title} tabIndex={-1}>
          {filename}
        </h3>
      </div>
      {status === 'ready' && isPlaying ? (
        <Player conversion={conversion} api={desk.api} />
      ) : (
        <CardStrip conversion={conversion} />
      )}
      <div class="card-foot">
        <CardState conversion={conversion} />
        <CardActions
          conversion={conversion}
          desk={desk}
          areFactsShown={areFactsShown}
          toggleFacts={() => setFactsShown(!areFactsShown)}
        />
      </div>
      {status === 'uploading' && <UnfinishedUpload conversion={conversion} desk={desk} />}
      {areFactsShown && <ConversionFacts conversion={conversion} />}
    </li>
  );
}

const PHASES: Readonly<Record<Conversion['status'], StripPhase>> = {
  uploading: 'arriving',
  queued: 'becoming',
  converting: 'becoming',
  ready: 'sound',
  failed: 'still',
  cancelled: 'still',
  expired: 'still',
};

function CardStrip({ conversion }: { readonly conversion: Conversion }) {
  const said = words.value;
  const { file_id: id, filename, status, progress } = conversion;
  const strip = <Strip id={id} phase={PHASES[status]} share={progress} />;
  if (status !== 'converting') return <div class="strip-frame">{strip}</div>;
  return (
    <div
      class="strip-frame"
      role="progressbar"
      aria-label={said.of(said.status.converting, filename)}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.floor(progress * 100)}
    >
      {strip}
    </div>
  );
}
