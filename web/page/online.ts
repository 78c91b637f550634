import { signal } from '@preact/signals';
import { words } from '../words/words.ts';
import { announce } from './announcer.tsx';

/** As the browser sees it: true says little, false says much. */
export const isOnline = signal(navigator.onLine);

addEventListener('online', () => {
  isOnline.value = true;
  announce(words.value.heardOnline);
});
addEventListener('offline', () => {
  isOnline.value = false;
  announce(words.value.heardOffline);
});
