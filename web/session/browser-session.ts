import type { createSessionApi } from '../api/api.ts';
import { after } from '../page/after.ts';
import { kept } from '../page/kept.ts';
import { createSession, type Session } from './session.ts';

const NAME = 'soundlift-session';

/** The session of this browser, one for all its tabs. */
export function createBrowserSession(api: ReturnType<typeof createSessionApi>): Session {
  const tabs = new BroadcastChannel(NAME);
  const session = createSession({
    api,
    inTurn: (work) => navigator.locks.request(NAME, work),
    mark: {
      isSet: () => kept.get('signed-in') !== null,
      set: (isSignedIn) => kept.set('signed-in', isSignedIn ? 'yes' : null),
    },
    otherTabs: { tell: (news) => tabs.postMessage(news) },
    nowMs: () => Date.now(),
    after,
  });
  tabs.addEventListener('message', ({ data }) => {
    if (data === 'signed-out') session.hasEnded();
  });
  return session;
}
