import { effect, signal } from '@preact/signals';
import { kept } from './kept.ts';

type Theme = 'light' | 'dark';

const systemIsDark = matchMedia('(prefers-color-scheme: dark)');

function keptTheme(): Theme | undefined {
  const name = kept.get('theme');
  return name === 'light' || name === 'dark' ? name : undefined;
}

const chosen = signal(keptTheme());
const ofSystem = signal<Theme>(systemIsDark.matches ? 'dark' : 'light');
systemIsDark.addEventListener('change', ({ matches }) => {
  ofSystem.value = matches ? 'dark' : 'light';
});

export function isDark(): boolean {
  return (chosen.value ?? ofSystem.value) === 'dark';
}

/** The other one; the system's is followed again when it is the one that was chosen. */
export function toggleTheme(): void {
  const wanted: Theme = isDark() ? 'light' : 'dark';
  chosen.value = wanted === ofSystem.value ? undefined : wanted;
  kept.set('theme', chosen.value ?? null);
}

effect(() => {
  if (chosen.value === undefined) delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = chosen.value;
});
