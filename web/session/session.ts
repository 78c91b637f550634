import { type ReadonlySignal, signal } from '@preact/signals';
import { isSignedOutAnswer } from '../api/problem.ts';

/** Who is signed in. */
export interface User {
  readonly id: string;
  readonly email: string;
  readonly fullName: string;
}

type SessionState =
  /** The page has just been opened, and there may be a session. */
  | { readonly kind: 'restoring' }
  /** There may be one, and nobody could be asked. */
  | { readonly kind: 'unreachable' }
  | { readonly kind: 'signed-out'; readonly isExpired: boolean }
  | { readonly kind: 'signed-in'; readonly user: User };

export interface Token {
  readonly value: string;
  readonly expiresInSeconds: number;
}

interface Credentials {
  readonly email: string;
  readonly password: string;
}

export interface SessionDeps {
  readonly api: {
    begin(credentials: Credentials): Promise<Token>;
    /** By the cookie, which only the server reads; a new one comes with the answer. */
    refresh(): Promise<Token>;
    end(): Promise<void>;
    showUser(token: string): Promise<User>;
  };
  /** One tab after the other: a refresh token works once, and all tabs have the same one. */
  inTurn<Result>(work: () => Promise<Result>): Promise<Result>;
  /** Whether somebody has signed in with this browser and not out; no more than that. */
  readonly mark: { isSet(): boolean; set(isSignedIn: boolean): void };
  readonly otherTabs: { tell(news: 'signed-out'): void };
  nowMs(): number;
  after(delayMs: number, work: () => void): () => void;
}

export interface Session {
  readonly state: ReadonlySignal<SessionState>;
  restore(): Promise<void>;
  signIn(credentials: Credentials): Promise<void>;
  signOut(): Promise<void>;
  /** Another tab has ended the session. */
  hasEnded(): void;
  /** One that is going to work; while nobody is signed in it waits until somebody is. */
  accessToken(): Promise<string>;
  /** It was answered with 401. @returns whether it is worth another try */
  tokenRefused(token: string): Promise<boolean>;
}

/** A token that ends sooner is exchanged before it is used. */
const MARGIN_MS = 30_000;

/** The access token is in this function's memory and nowhere else: a script from elsewhere finds none. */
export function createSession(deps: SessionDeps): Session {
  const state = signal<SessionState>({ kind: 'restoring' });
  let token: { readonly value: string; readonly endsAtMs: number } | undefined;
  let refreshing: Promise<void> | undefined;
  let stopTimer: () => void = () => undefined;
  let waiting: (() => void)[] = [];

  function take({ value, expiresInSeconds }: Token): void {
    const lifeMs = expiresInSeconds * 1000;
    token = { value, endsAtMs: deps.nowMs() + lifeMs };
    deps.mark.set(true);
    stopTimer();
    const delayMs = Math.max(lifeMs - 2 * MARGIN_MS, lifeMs / 2);
    // Whoever needs a token meets the failure; the timer only spares them the wait.
    stopTimer = deps.after(delayMs, () => void refresh().catch(() => undefined));
  }

  function leave(isExpired: boolean): void {
    stopTimer();
    token = undefined;
    deps.mark.set(false);
    state.value = { kind: 'signed-out', isExpired };
  }

  async function enter(given: Token): Promise<void> {
    const user = await deps.api.showUser(given.value);
    take(given);
    state.value = { kind: 'signed-in', user };
    const woken = waiting;
    waiting = [];
    for (const wake of woken) wake();
  }

  /** Who asks while it is under way gets the same answer. */
  function refresh(): Promise<void> {
    refreshing ??= deps
      .inTurn(() => deps.api.refresh())
      .then(take)
      .catch((error: unknown) => {
        if (isSignedOutAnswer(error)) leave(true);
        throw error;
      })
      .finally(() => {
        refreshing = undefined;
      });
    return refreshing;
  }

  async function accessToken(): Promise<string> {
    for (;;) {
      if (state.value.kind !== 'signed-in') {
        await new Promise<void>((resolve) => waiting.push(resolve));
      } else if (token !== undefined && token.endsAtMs - deps.nowMs() > MARGIN_MS) {
        return token.value;
      } else {
        await refresh().catch((error: unknown) => {
          if (!isSignedOutAnswer(error)) throw error;
        });
      }
    }
  }

  return {
    state,
    accessToken,
    async restore() {
      if (!deps.mark.isSet()) return leave(false);
      state.value = { kind: 'restoring' };
      try {
        await enter(await deps.inTurn(() => deps.api.refresh()));
      } catch (error) {
        if (isSignedOutAnswer(error)) leave(true);
        else state.value = { kind: 'unreachable' };
      }
    },
    async signIn(credentials) {
      await enter(await deps.inTurn(() => deps.api.begin(credentials)));
    },
    async signOut() {
      await deps.inTurn(() => deps.api.end());
      leave(false);
      deps.otherTabs.tell('signed-out');
    },
    hasEnded() {
      if (state.value.kind === 'signed-in') leave(false);
    },
    async tokenRefused(refused) {
      if (token?.value === refused) {
        await refresh().catch((error: unknown) => {
          if (!isSignedOutAnswer(error)) throw error;
        });
      }
      return state.value.kind === 'signed-in';
    },
  };
}
