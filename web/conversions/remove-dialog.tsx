import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { announce } from '../page/announcer.tsx';
import type { Desk } from '../page/desk.ts';
import { notify } from '../page/notices.tsx';
import { problemText } from '../page/problem-text.ts';
import { words } from '../words/words.ts';
import type { Conversion } from './conversion.ts';

/** What is about to be removed, if its owner says so again. */
const doomed = signal<Conversion | undefined>(undefined);

export function askToRemove(conversion: Conversion): void {
  doomed.value = conversion;
}

/** The browser keeps the focus in it, and gives it back. https://html.spec.whatwg.org/#the-dialog-element */
export function RemoveDialog({ desk }: { readonly desk: Desk }) {
  const said = words.value;
  const dialog = useRef<HTMLDialogElement>(null);
  const conversion = doomed.value;
  useEffect(() => {
    if (conversion === undefined) dialog.current?.close();
    else dialog.current?.showModal();
  }, [conversion]);
  return (
    <dialog
      ref={dialog}
      class="dialog"
      aria-labelledby="remove-title"
      aria-describedby="remove-text"
      onClose={() => {
        doomed.value = undefined;
      }}
    >
      <h2 id="remove-title">{said.removeTitle}</h2>
      <p id="remove-text">{said.removeText(conversion?.filename ?? '')}</p>
      <div class="dialog-actions">
        <button type="button" class="quiet" onClick={() => dialog.current?.close()}>
          {said.removeKeep}
        </button>
        <button
          type="button"
          class="danger"
          onClick={() => {
            dialog.current?.close();
            if (conversion) void remove(desk, conversion);
          }}
        >
          {said.remove}
        </button>
      </div>
    </dialog>
  );
}

async function remove({ api, conversions }: Desk, conversion: Conversion): Promise<void> {
  try {
    await api.remove(conversion.file_id);
    conversions.forget(conversion.file_id);
    announce(words.value.heardRemoved(conversion.filename));
    document.getElementById('sounds-title')?.focus({ preventScroll: true });
  } catch (error) {
    notify(problemText(words.value, error));
  }
}
