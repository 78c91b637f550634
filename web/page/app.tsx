import { useLayoutEffect, useRef } from 'preact/hooks';
import type { createSessionApi } from '../api/api.ts';
import type { Session } from '../session/session.ts';
import { words } from '../words/words.ts';
import { Announcements } from './announcer.tsx';
import type { DeskState } from './desk.ts';
import { Header } from './header.tsx';
import { Landing } from './landing.tsx';
import { Skeleton } from './skeleton.tsx';
import { Workspace } from './workspace.tsx';

interface AppProps extends DeskState {
  readonly session: Session;
  readonly register: ReturnType<typeof createSessionApi>['register'];
}

export function App(props: AppProps) {
  const said = words.value;
  return (
    <>
      <a class="skip" href="#content">
        {said.skip}
      </a>
      <Header session={props.session} />
      <main id="content" tabIndex={-1}>
        <Content {...props} />
      </main>
      <footer class="footer">
        <p>{said.footer}</p>
        <a href="/docs">{said.docs}</a>
      </footer>
      <Announcements />
    </>
  );
}

function Content({ session, desk, isIncomplete, register }: AppProps) {
  const said = words.value;
  const state = session.state.value;
  useFocusOnEntry(state.kind);
  if (state.kind === 'unreachable') {
    return (
      <Standstill
        text={said.problem.unreachable}
        action={said.tryAgain}
        onAction={() => void session.restore()}
      />
    );
  }
  if (state.kind === 'signed-out') {
    return <Landing session={session} isExpired={state.isExpired} register={register} />;
  }
  if (isIncomplete.value) {
    return (
      <Standstill
        text={said.pageIncomplete}
        action={said.loadPage}
        onAction={() => location.reload()}
      />
    );
  }
  if (state.kind === 'restoring' || desk.value === undefined) {
    return <Skeleton label={state.kind === 'restoring' ? said.restoring : said.soundsLoading} />;
  }
  return <Workspace desk={desk.value} />;
}

interface StandstillProps {
  readonly text: string;
  readonly action: string;
  onAction(): void;
}

/** Nothing can be done but this. */
function Standstill({ text, action, onAction }: StandstillProps) {
  return (
    <div class="card empty" role="alert">
      <h1 class="only-heard">{words.value.slogan}</h1>
      <p>{text}</p>
      <button type="button" class="primary" onClick={onAction}>
        {action}
      </button>
    </div>
  );
}

/** Who has just signed in or out is at the beginning of what is new. */
function useFocusOnEntry(kind: string): void {
  const before = useRef(kind);
  // Before anybody can press a key.
  useLayoutEffect(() => {
    const isSwitch = kind === 'signed-in' || kind === 'signed-out';
    if (isSwitch && before.current !== kind && before.current !== 'restoring') {
      document.getElementById('content')?.focus({ preventScroll: true });
    }
    before.current = kind;
  }, [kind]);
}
