import { useEffect } from 'preact/hooks';
import { ConversionList } from '../conversions/conversion-list.tsx';
import { LinkedConversion } from '../conversions/linked-conversion.tsx';
import { RemoveDialog } from '../conversions/remove-dialog.tsx';
import { DropZone } from '../uploads/drop-zone.tsx';
import { useSharedFiles } from '../uploads/shared-files.ts';
import { UploadList } from '../uploads/upload-list.tsx';
import { words } from '../words/words.ts';
import type { Desk } from './desk.ts';
import { Notices } from './notices.tsx';

/** What a signed-in user sees. */
export function Workspace({ desk }: { readonly desk: Desk }) {
  useSharedFiles(desk);
  useEffect(() => watch(desk), [desk]);
  return (
    <div class="workspace">
      <h1 class="only-heard">{words.value.slogan}</h1>
      <Notices />
      <LinkedConversion desk={desk} />
      <DropZone desk={desk} />
      <UploadList desk={desk} />
      <ConversionList desk={desk} />
      <RemoveDialog desk={desk} />
    </div>
  );
}

/** Nothing is asked while nobody looks; what a line has stopped goes on when it is back. */
function watch({ conversions, uploads }: Desk): () => void {
  const listening = new AbortController();
  const { signal } = listening;
  const look = () => conversions.setWatched(document.visibilityState === 'visible');
  document.addEventListener('visibilitychange', look, { signal });
  addEventListener(
    'online',
    () => {
      uploads.retryAll('unreachable');
      void conversions.refresh();
    },
    { signal },
  );
  addEventListener(
    'beforeunload',
    (event) => {
      const isBusy = uploads.items.value.some(({ state }) => state === 'sending');
      if (isBusy) event.preventDefault();
    },
    { signal },
  );
  look();
  return () => listening.abort();
}
