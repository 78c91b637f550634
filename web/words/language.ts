/** The languages that the page speaks. */
const LANGUAGES = ['en', 'ru'] as const;
export type Language = (typeof LANGUAGES)[number];

/**
 * The one that was chosen before, or else the first of the browser's that the page speaks.
 * https://html.spec.whatwg.org/multipage/system-state.html#dom-navigator-languages
 */
export function chooseLanguage(preferred: readonly string[], chosen: string | null): Language {
  const wanted = [chosen ?? '', ...preferred].map((tag) => tag.split('-')[0]?.toLowerCase());
  for (const tag of wanted) {
    const spoken = LANGUAGES.find((language) => language === tag);
    if (spoken !== undefined) return spoken;
  }
  return 'en';
}
