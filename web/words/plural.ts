import type { Language } from './language.ts';

/** What a number of things is called. `#` stands for the number. */
export interface Forms {
  readonly one: string;
  /** Slavic languages: 2, 3, 4, 22 …; whole numbers are never `other` there. */
  readonly few?: string;
  readonly many?: string;
  readonly other: string;
}

/** https://cldr.unicode.org/index/cldr-spec/plural-rules */
export function plural(language: Language, count: number, forms: Forms): string {
  const category = new Intl.PluralRules(language).select(count);
  const form = (category !== 'zero' && category !== 'two' && forms[category]) || forms.other;
  return form.replace('#', new Intl.NumberFormat(language).format(count));
}
