import { useState } from 'preact/hooks';
import { announce } from '../page/announcer.tsx';
import type { Desk } from '../page/desk.ts';
import { notify } from '../page/notices.tsx';
import { problemText } from '../page/problem-text.ts';
import { Strip } from '../page/strip.tsx';
import { words } from '../words/words.ts';
import { ConversionCard } from './conversion-card.tsx';
import { linkedId } from './linked-conversion.tsx';

/** All of one's conversions, newest first, page by page. */
export function ConversionList({ desk }: { readonly desk: Desk }) {
  const said = words.value;
  const { items, problem, hasMore } = desk.conversions;
  const underWay = new Set(desk.uploads.items.value.map(({ conversionId }) => conversionId));
  const shown = items.value?.filter(({ file_id }) => !underWay.has(file_id)) ?? [];
  return (
    <section aria-labelledby="sounds-title">
      <h2 id="sounds-title" tabIndex={-1}>
        {said.sounds}
      </h2>
      {problem.value !== undefined && (
        <div class="notice fault-notice">
          <span>
            {said.soundsFailed} {problemText(said, problem.value)}
          </span>
          <button type="button" class="quiet" onClick={() => void desk.conversions.refresh()}>
            {said.tryAgain}
          </button>
        </div>
      )}
      {items.value !== undefined && shown.length === 0 && <Nothing />}
      <ul class="cards">
        {shown.map((conversion) => (
          <ConversionCard
            key={conversion.file_id}
            conversion={conversion}
            desk={desk}
            isOpened={conversion.file_id === linkedId.value}
          />
        ))}
      </ul>
      {hasMore.value && <More desk={desk} />}
    </section>
  );
}

function Nothing() {
  const said = words.value;
  return (
    <div class="empty">
      <div class="empty-strip">
        <Strip id="empty" phase="still" share={0} />
      </div>
      <p>
        <strong>{said.soundsEmpty}</strong>
      </p>
      <p class="hint">{said.soundsEmptyHint}</p>
    </div>
  );
}

function More({ desk }: { readonly desk: Desk }) {
  const [isBusy, setBusy] = useState(false);
  async function more(): Promise<void> {
    setBusy(true);
    try {
      announce(words.value.heardMore(await desk.conversions.more()));
    } catch (error) {
      notify(problemText(words.value, error));
    } finally {
      setBusy(false);
    }
  }
  return (
    <button type="button" class="more" aria-disabled={isBusy} onClick={() => void more()}>
      {words.value.more}
    </button>
  );
}
