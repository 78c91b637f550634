import { computed, effect, signal } from '@preact/signals';
import { kept } from '../page/kept.ts';
import { en, type Words } from './en.ts';
import { chooseLanguage, type Language } from './language.ts';
import { ru } from './ru.ts';

/** What is being spoken. Whoever reads it in a component is drawn anew when it changes. */
export const language = signal<Language>(chooseLanguage(navigator.languages, kept.get('language')));

export const words = computed<Words>(() => (language.value === 'ru' ? ru : en));

export function speak(chosen: Language): void {
  language.value = chosen;
  kept.set('language', chosen);
}

effect(() => {
  document.documentElement.lang = language.value;
  document.title = words.value.title;
});
