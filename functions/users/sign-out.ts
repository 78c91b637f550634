import type { SessionStore } from '../../src/ports/session-store.ts';

/** Ends a session: no refresh token of it works again. Its last access token runs out by itself. */
export async function signOut(
  deps: { readonly sessions: SessionStore },
  input: { readonly sessionId: string },
): Promise<void> {
  await deps.sessions.revoke(input.sessionId);
}
