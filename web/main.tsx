import './page.css';
import { render } from 'preact';
import { createApi, createSessionApi } from './api/api.ts';
import { App } from './page/app.tsx';
import { keepDesk } from './page/desk.ts';
import { createBrowserSession } from './session/browser-session.ts';

const sessionApi = createSessionApi();
const session = createBrowserSession(sessionApi);
const deskState = keepDesk(session, createApi(session));
const root = document.getElementById('page');
if (root) render(<App session={session} {...deskState} register={sessionApi.register} />, root);
void session.restore();

// Without one the page works, and is no app.
if ('serviceWorker' in navigator) {
  navigator.serviceWorker.register('/sw.js').catch(() => undefined);
}
