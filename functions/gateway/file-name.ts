const MAX_CHARACTERS = 200;

/**
 * The name of an upload as it may be shown: without folders, control characters and characters that
 * turn text around. It never becomes a path, a key or an argument.
 */
export function displayFileName(given: string): string {
  const name = given
    .split(/[/\\]/)
    .at(-1)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed
    ?.replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '')
    .trim();
  return name ? [...name].slice(0, MAX_CHARACTERS).join('') : 'video';
}

/** `holiday.mp4` → `holiday.mp3`. */
export function audioFileName(videoFileName: string): string {
  return `${videoFileName.replace(/\.[^.]{1,8}$/, '') || videoFileName}.mp3`;
}
