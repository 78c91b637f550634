import { announce } from '../page/announcer.tsx';
import type { Desk } from '../page/desk.ts';
import { CloseIcon, DownloadIcon } from '../page/icons.tsx';
import { notify } from '../page/notices.tsx';
import { problemText } from '../page/problem-text.ts';
import { words } from '../words/words.ts';
import { type Conversion, isUnderWay } from './conversion.ts';
import { LinkActions } from './link-actions.tsx';
import { askToRemove } from './remove-dialog.tsx';

interface ActionsProps {
  readonly conversion: Conversion;
  readonly desk: Desk;
  readonly areFactsShown: boolean;
  toggleFacts(): void;
}

/** What can be done with it in its state. */
export function CardActions({ conversion, desk, areFactsShown, toggleFacts }: ActionsProps) {
  const said = words.value;
  const { filename, status } = conversion;
  return (
    <div class="card-actions">
      {status === 'ready' && (
        <button
          type="button"
          class="primary small"
          aria-label={said.of(said.download, filename)}
          onClick={() => void download(desk, conversion)}
        >
          <DownloadIcon /> {said.download}
        </button>
      )}
      {isUnderWay(conversion) && (
        <button
          type="button"
          class="quiet"
          aria-label={said.of(said.cancel, filename)}
          onClick={() => void cancel(desk, conversion)}
        >
          <CloseIcon /> {said.cancel}
        </button>
      )}
      {status === 'ready' && <LinkActions conversion={conversion} api={desk.api} />}
      {conversion.source !== null && (
        <button
          type="button"
          class="quiet"
          aria-expanded={areFactsShown}
          aria-label={said.of(said.details, filename)}
          onClick={toggleFacts}
        >
          {said.details}
        </button>
      )}
      {!isUnderWay(conversion) && (
        <button
          type="button"
          class="quiet"
          aria-label={said.of(said.remove, filename)}
          onClick={() => askToRemove(conversion)}
        >
          {said.remove}
        </button>
      )}
    </div>
  );
}

/** By a signed link: a browser's own download sends no token, and holds no file in memory. */
async function download({ api }: Desk, { file_id: id }: Conversion): Promise<void> {
  try {
    const { url } = await api.link(id);
    const { pathname, search } = new URL(url, location.href);
    const anchor = document.createElement('a');
    anchor.href = pathname + search;
    anchor.download = '';
    anchor.click();
  } catch (error) {
    notify(problemText(words.value, error));
  }
}

async function cancel({ api, conversions }: Desk, conversion: Conversion): Promise<void> {
  try {
    conversions.replace(await api.cancel(conversion.file_id));
    announce(words.value.heardCancelled(conversion.filename));
  } catch (error) {
    notify(problemText(words.value, error));
    await conversions.refresh();
  }
}
