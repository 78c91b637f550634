import { signal } from '@preact/signals';

/** The conversion whose MP3 is being played; one at a time. */
export const playingId = signal<string | undefined>(undefined);
