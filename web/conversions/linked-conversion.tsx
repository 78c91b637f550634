import { signal } from '@preact/signals';
import { useEffect, useState } from 'preact/hooks';
import { Problem } from '../api/problem.ts';
import type { Desk } from '../page/desk.ts';
import { notify } from '../page/notices.tsx';
import { problemText } from '../page/problem-text.ts';
import { words } from '../words/words.ts';
import type { Conversion } from './conversion.ts';
import { ConversionCard } from './conversion-card.tsx';

/** `/c/<id>`: the conversion that a mail has led to. */
export const linkedId = signal(/^\/c\/([\w-]+)$/.exec(location.pathname)?.[1]);

/** Shows it before all others when it is not among the newest, which are shown anyway. */
export function LinkedConversion({ desk }: { readonly desk: Desk }) {
  const id = linkedId.value;
  const [older, setOlder] = useState<Conversion>();
  useEffect(() => {
    if (id === undefined) return;
    desk.conversions.find(id).then(setOlder, (error: unknown) => {
      const isGone = error instanceof Problem && [404, 422].includes(error.status);
      notify(isGone ? words.value.linkedGone : problemText(words.value, error));
      history.replaceState(null, '', '/');
      linkedId.value = undefined;
    });
  }, [id, desk]);
  const isListed = desk.conversions.items.value?.some(({ file_id }) => file_id === id) ?? true;
  if (older === undefined || isListed) return null;
  return (
    <ul class="cards">
      <ConversionCard conversion={older} desk={desk} isOpened />
    </ul>
  );
}
