import { useEffect, useState } from 'preact/hooks';
import type { Session } from '../session/session.ts';
import { SessionForm } from '../session/session-form.tsx';
import { words } from '../words/words.ts';
import { Strip } from './strip.tsx';

interface LandingProps {
  readonly session: Session;
  readonly isExpired: boolean;
  register(given: { email: string; password: string; fullName: string }): Promise<void>;
}

/** What a visitor sees who is not signed in. */
export function Landing(props: LandingProps) {
  const said = words.value;
  return (
    <div class="landing">
      <section class="pitch">
        <h1>{said.slogan}</h1>
        <FilmBecomesSound />
        <p class="lead">{said.pitch}</p>
        <ul class="points">
          <li>{said.points.large}</li>
          <li>{said.points.honest}</li>
          <li>{said.points.yours}</li>
        </ul>
      </section>
      <SessionForm {...props} />
    </div>
  );
}

/** Once, slowly; who wants no movement sees how it ends. */
function FilmBecomesSound() {
  const isStill = matchMedia('(prefers-reduced-motion: reduce)').matches;
  const [share, setShare] = useState(isStill ? 0.62 : 0);
  useEffect(() => {
    const frame = requestAnimationFrame(() => setShare(0.62));
    return () => cancelAnimationFrame(frame);
  }, []);
  return (
    <div class="hero-strip">
      <Strip id="soundlift" phase="becoming" share={share} />
    </div>
  );
}
