import { useCallback, useRef, useState } from 'preact/hooks';
import { announce } from '../page/announcer.tsx';
import type { Desk } from '../page/desk.ts';
import { notify } from '../page/notices.tsx';
import { formatBytes } from '../words/formats.ts';
import { language, words } from '../words/words.ts';
import { type ChosenOptions, forNextDrop, NO_OPTIONS, optionFault, toMetadata } from './options.ts';
import { OptionsForm } from './options-form.tsx';
import { useWindowDrop } from './window-drop.ts';

/** Takes videos, dropped, pasted or chosen, and begins to upload them. */
export function DropZone({ desk }: { readonly desk: Desk }) {
  const said = words.value;
  const input = useRef<HTMLInputElement>(null);
  const options = useRef<ChosenOptions>(NO_OPTIONS);
  const [chosen, setChosen] = useState<ChosenOptions>(NO_OPTIONS);
  options.current = chosen;
  const take = useCallback(
    (files: readonly File[]) => {
      if (beginUploads(desk, files, options.current)) setChosen(forNextDrop(options.current));
    },
    [desk],
  );
  const isAbove = useWindowDrop(take);
  const { maxUploadBytes } = desk.limits;
  return (
    <section class={`drop-zone ${isAbove ? 'is-above' : ''}`} aria-labelledby="drop-title">
      <div class="drop-target">
        <h2 id="drop-title">{isAbove ? said.dropNow : said.dropHere}</h2>
        <p class="drop-ways">
          {said.dropHint}{' '}
          <button type="button" class="primary" onClick={() => input.current?.click()}>
            {said.choose}
          </button>
        </p>
        <p class="hint">
          {said.dropFormats}
          {maxUploadBytes !== undefined &&
            ` ${said.dropLimit(formatBytes(language.value, maxUploadBytes))}`}
        </p>
        <input
          ref={input}
          hidden
          type="file"
          multiple
          accept="video/*,audio/*,.mkv,.flac"
          onChange={({ currentTarget }) => {
            take([...(currentTarget.files ?? [])]);
            // The same file can be chosen again.
            currentTarget.value = '';
          }}
        />
      </div>
      <OptionsForm chosen={chosen} onChange={setChosen} />
    </section>
  );
}

/** @returns whether at least one has begun */
export function beginUploads(desk: Desk, files: readonly File[], options: ChosenOptions): boolean {
  const said = words.value;
  if (files.length === 0) notify(said.noFiles);
  else if (optionFault(options) !== undefined) notify(said.optionsFaulty);
  else {
    const metadata = toMetadata(options);
    const begun = files.filter((file) => begin(desk, file, metadata));
    if (begun.length > 0) announce(said.heardUploadBegun(begun.length));
    return begun.length > 0;
  }
  return false;
}

function begin(desk: Desk, file: File, metadata: Record<string, string>): boolean {
  const said = words.value;
  const { maxUploadBytes = Number.POSITIVE_INFINITY } = desk.limits;
  if (file.size === 0) notify(said.emptyFile(file.name));
  else if (file.size > maxUploadBytes) {
    notify(said.tooLargeFile(file.name, formatBytes(language.value, maxUploadBytes)));
  } else if (!desk.uploads.add(file, metadata)) notify(said.twiceFile(file.name));
  else return true;
  return false;
}
