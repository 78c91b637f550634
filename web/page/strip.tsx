import { useMemo } from 'preact/hooks';
import { STRIP_LENGTH, stripHeights } from './strip-heights.ts';

export type StripPhase =
  /** Frames arrive. */
  | 'arriving'
  /** Frames become bars. */
  | 'becoming'
  | 'sound'
  /** Nothing goes on. */
  | 'still';

interface StripProps {
  readonly id: string;
  readonly phase: StripPhase;
  /** 0–1. */
  readonly share: number;
}

const PITCH = 10;

/** A film whose frames become sound from left to right. To be seen only: a progress bar says the same. */
export function Strip({ id, phase, share }: StripProps) {
  const heights = useMemo(() => stripHeights(id), [id]);
  const reached = Math.round(share * STRIP_LENGTH);
  return (
    <svg
      class={`strip strip-${phase}`}
      viewBox={`0 0 ${STRIP_LENGTH * PITCH} 100`}
      preserveAspectRatio="none"
      aria-hidden="true"
      focusable="false"
    >
      {heights.map((height, index) => (
        <rect
          key={index}
          class={cellClass(phase, index < reached)}
          x={index * PITCH + 1.5}
          y="0"
          width="7"
          height="100"
          style={{ '--height': height, '--place': index }}
        />
      ))}
    </svg>
  );
}

function cellClass(phase: StripPhase, isReached: boolean): string {
  if (phase === 'sound') return 'bar';
  if (phase === 'becoming') return isReached ? 'bar' : 'frame';
  return phase === 'arriving' && isReached ? 'frame' : 'gap';
}
