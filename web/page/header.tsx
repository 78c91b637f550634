import type { Session } from '../session/session.ts';
import { language, speak, words } from '../words/words.ts';
import { announce } from './announcer.tsx';
import { Mark, MoonIcon, SunIcon } from './icons.tsx';
import { notify } from './notices.tsx';
import { problemText } from './problem-text.ts';
import { isDark, toggleTheme } from './theme.ts';

export function Header({ session }: { readonly session: Session }) {
  const said = words.value;
  const state = session.state.value;
  const other = language.value === 'en' ? 'ru' : 'en';
  return (
    <header class="header">
      <a class="brand" href="/">
        <Mark />
        <span>Soundlift</span>
      </a>
      <div class="header-tools">
        {state.kind === 'signed-in' && <span class="who">{state.user.email}</span>}
        <button type="button" class="quiet" lang={other} onClick={() => speak(other)}>
          {said.otherLanguage}
        </button>
        <button
          type="button"
          class="icon-button"
          aria-label={isDark() ? said.toLight : said.toDark}
          title={isDark() ? said.toLight : said.toDark}
          onClick={toggleTheme}
        >
          {isDark() ? <SunIcon /> : <MoonIcon />}
        </button>
        {/* There before it works: the page below must not move when the session is back. */}
        {(state.kind === 'signed-in' || state.kind === 'restoring') && (
          <button
            type="button"
            class="quiet"
            disabled={state.kind === 'restoring'}
            onClick={() => void leave(session)}
          >
            {said.signOut}
          </button>
        )}
      </div>
    </header>
  );
}

async function leave(session: Session): Promise<void> {
  try {
    await session.signOut();
    announce(words.value.signedOut);
  } catch (error) {
    notify(problemText(words.value, error));
  }
}
