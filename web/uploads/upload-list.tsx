import type { Desk } from '../page/desk.ts';
import { words } from '../words/words.ts';
import { UploadRow } from './upload-row.tsx';

/** The files that are on their way from this tab. */
export function UploadList({ desk }: { readonly desk: Desk }) {
  const items = desk.uploads.items.value;
  if (items.length === 0) return null;
  return (
    <section aria-labelledby="uploads-title">
      <h2 id="uploads-title">{words.value.uploads}</h2>
      <ul class="cards">
        {items.map((item) => (
          <UploadRow key={item.id} item={item} uploads={desk.uploads} />
        ))}
      </ul>
    </section>
  );
}
