import { effect, type ReadonlySignal, signal, untracked } from '@preact/signals';
import type { Api } from '../api/api.ts';
import { Problem, problemOf } from '../api/problem.ts';
import type { News } from '../conversions/changes.ts';
import { type Conversions, createConversions } from '../conversions/conversions.ts';
import type { Session } from '../session/session.ts';
import { readUploadLimits, type UploadLimits } from '../uploads/limits.ts';
import type { Uploads } from '../uploads/uploads.ts';
import { words } from '../words/words.ts';
import { after } from './after.ts';
import { announce } from './announcer.tsx';

/** What a signed-in user works with. */
export interface Desk {
  readonly userId: string;
  readonly api: Api;
  readonly limits: UploadLimits;
  readonly uploads: Uploads;
  readonly conversions: Conversions;
}

export interface DeskState {
  readonly desk: ReadonlySignal<Desk | undefined>;
  /** A part of the page that it takes could not be loaded: the line is away, or there is a newer page. */
  readonly isIncomplete: ReadonlySignal<boolean>;
}

/**
 * The desk of whoever is signed in. A session that runs out leaves it as it is, so that uploads go on
 * when its owner is back; whoever signs out, or somebody else, clears it.
 */
export function keepDesk(session: Session, api: Api): DeskState {
  const desk = signal<Desk | undefined>(undefined);
  const isIncomplete = signal(false);
  const clear = () => {
    desk.peek()?.uploads.close();
    desk.peek()?.conversions.close();
    desk.value = undefined;
  };
  effect(() => {
    const state = session.state.value;
    if (state.kind === 'signed-out' && !state.isExpired) return clear();
    if (state.kind !== 'signed-in' || desk.peek()?.userId === state.user.id) return;
    clear();
    // Of all that is read for it, the session alone is a reason for another desk.
    untracked(() => setUp(session, api, state.user.id)).then(
      (made) => {
        const now = session.state.peek();
        if (now.kind === 'signed-in' && now.user.id === made.userId) desk.value = made;
        else made.uploads.close();
      },
      () => {
        isIncomplete.value = true;
      },
    );
  });
  return { desk, isIncomplete };
}

async function setUp(session: Session, api: Api, userId: string): Promise<Desk> {
  const endpoint = new URL('/api/v1/uploads', location.href).href;
  let uploads: Uploads | undefined;
  const onNews = (news: readonly News[]) => {
    tell(news);
    // As many as there is room for now.
    uploads?.retryAll('too-many-conversions', news.length);
  };
  const conversions = createConversions({ api, onNews, toProblem, after });
  const [{ createUploads }, limits] = await Promise.all([
    import('../uploads/uploads.ts'),
    readUploadLimits(endpoint),
    conversions.refresh(),
  ]);
  uploads = createUploads({
    session,
    userId,
    endpoint,
    limits,
    async onDone({ fileName }) {
      announce(words.value.heardUploadDone(fileName));
      await conversions.refresh();
    },
    onFailed({ fileName, problem }) {
      if (problem?.code !== 'too-many-conversions') {
        announce(words.value.heardUploadFailed(fileName));
      }
    },
  });
  return { userId, api, limits, uploads, conversions };
}

function tell(news: readonly News[]): void {
  for (const { kind, conversion } of news) {
    const { filename } = conversion;
    const said = words.value;
    announce(kind === 'ready' ? said.heardReady(filename) : said.heardFailed(filename));
  }
}

function toProblem(error: unknown): Problem {
  return error instanceof Problem ? error : problemOf(500, undefined);
}
