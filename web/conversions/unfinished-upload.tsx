import { useEffect, useRef, useState } from 'preact/hooks';
import type { Desk } from '../page/desk.ts';
import { notify } from '../page/notices.tsx';
import { formatBytes } from '../words/formats.ts';
import { language, words } from '../words/words.ts';
import type { Conversion } from './conversion.ts';

interface UnfinishedProps {
  readonly conversion: Conversion;
  readonly desk: Desk;
}

/**
 * An upload that no file of this tab belongs to: the page was closed, or it is another device's. The
 * server knows how far it is; the same file, chosen again, goes on from there.
 */
export function UnfinishedUpload({ conversion, desk }: UnfinishedProps) {
  const said = words.value;
  const { file_id: id, filename, updated_at: updatedAt } = conversion;
  const input = useRef<HTMLInputElement>(null);
  const [reached, setReached] = useState<{ sentBytes: number; sizeBytes: number }>();
  useEffect(() => {
    // It is a figure to go by; without it the file can be chosen all the same.
    desk.api.showUpload(id).then(setReached, () => undefined);
  }, [desk, id, updatedAt]);

  async function goOn(file: File): Promise<void> {
    const { sizeBytes } = reached ?? (await desk.api.showUpload(id));
    if (file.size !== sizeBytes) {
      notify(said.otherFile(filename, formatBytes(language.value, sizeBytes)));
    } else if (!desk.uploads.add(file, {}, id)) notify(said.twiceFile(file.name));
  }

  const [sent, size] = [reached?.sentBytes ?? 0, reached?.sizeBytes ?? 0].map((bytes) =>
    formatBytes(language.value, bytes),
  );
  return (
    <div class="unfinished">
      <p>
        {said.unfinished} {reached && said.unfinishedOf(sent ?? '', size ?? '')}
      </p>
      <button
        type="button"
        class="primary small"
        aria-label={said.of(said.chooseAgain, filename)}
        onClick={() => input.current?.click()}
      >
        {said.chooseAgain}
      </button>
      <input
        ref={input}
        hidden
        type="file"
        onChange={({ currentTarget }) => {
          const [file] = currentTarget.files ?? [];
          currentTarget.value = '';
          if (file) void goOn(file).catch(() => notify(words.value.problemOther));
        }}
      />
    </div>
  );
}
