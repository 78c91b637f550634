import type { ComponentChildren } from 'preact';
import { words } from '../words/words.ts';
import { BITRATES, type ChosenOptions, optionFault, QUALITIES, toMetadata } from './options.ts';

interface OptionsFormProps {
  readonly chosen: ChosenOptions;
  onChange(chosen: ChosenOptions): void;
}

/** How the next videos are to be converted: docs/conversion.md. */
export function OptionsForm({ chosen, onChange }: OptionsFormProps) {
  const said = words.value;
  const change = (to: Partial<ChosenOptions>) => onChange({ ...chosen, ...to });
  const {
    quality: _quality,
    bitrate: _bitrate,
    ...others
  } = optionFault(chosen) ? {} : toMetadata(chosen);
  const summary = said.optionsSummary(
    said.qualities[chosen.quality].name,
    Object.keys(others).length,
  );
  return (
    <details class="options">
      <summary>
        <span>{said.options}</span> <span class="hint">{summary}</span>
      </summary>
      <div class="options-body">
        <QualityChoice chosen={chosen} change={change} />
        <Cut chosen={chosen} change={change} />
        <fieldset>
          <legend>{said.sound}</legend>
          <Flag name="normalize" {...{ chosen, change }} hint={said.normalizeHint}>
            {said.normalize}
          </Flag>
          <Flag name="mono" {...{ chosen, change }}>
            {said.mono}
          </Flag>
          <Flag name="cover" {...{ chosen, change }}>
            {said.cover}
          </Flag>
        </fieldset>
        <fieldset>
          <legend>{said.tags}</legend>
          <div class="tag-fields">
            <Text name="title" label={said.tagTitle} {...{ chosen, change }} />
            <Text name="artist" label={said.tagArtist} {...{ chosen, change }} />
            <Text name="album" label={said.tagAlbum} {...{ chosen, change }} />
          </div>
          <p class="hint">{said.tagsHint}</p>
        </fieldset>
        <p class="hint">{said.optionsOnce}</p>
      </div>
    </details>
  );
}

interface PartProps {
  readonly chosen: ChosenOptions;
  change(to: Partial<ChosenOptions>): void;
}

function QualityChoice({ chosen, change }: PartProps) {
  const said = words.value;
  return (
    <fieldset>
      <legend>{said.quality}</legend>
      <div class="qualities">
        {QUALITIES.map((quality) => (
          <label key={quality} class="quality">
            <input
              type="radio"
              name="quality"
              value={quality}
              checked={chosen.quality === quality}
              onChange={() => change({ quality })}
            />
            <span>
              <strong>{said.qualities[quality].name}</strong>
              <span class="hint">{said.qualities[quality].hint}</span>
            </span>
          </label>
        ))}
      </div>
      {chosen.quality === 'fixed' && (
        <div class="field">
          <label for="bitrate">{said.bitrate}</label>
          <select
            id="bitrate"
            value={chosen.bitrate}
            aria-describedby="bitrate-hint"
            onChange={({ currentTarget }) => change({ bitrate: currentTarget.value })}
          >
            {BITRATES.map((kbps) => (
              <option key={kbps} value={kbps}>
                {said.bitrateOf(kbps)}
              </option>
            ))}
          </select>
          <p id="bitrate-hint" class="hint">
            {said.bitrateHint}
          </p>
        </div>
      )}
    </fieldset>
  );
}

function Cut({ chosen, change }: PartProps) {
  const said = words.value;
  const fault = optionFault(chosen);
  const clock = (name: 'start' | 'end', label: string, placeholder: string, isFaulty: boolean) => (
    <div class="field">
      <label for={`cut-${name}`}>{label}</label>
      <input
        id={`cut-${name}`}
        inputMode="text"
        autocomplete="off"
        placeholder={placeholder}
        value={chosen[name]}
        aria-invalid={isFaulty}
        aria-describedby="cut-note"
        onInput={({ currentTarget }) => change({ [name]: currentTarget.value })}
      />
    </div>
  );
  return (
    <fieldset>
      <legend>{said.cut}</legend>
      <div class="cut-fields">
        {clock('start', said.start, '0:00', fault === 'start-unreadable')}
        {clock('end', said.end, said.cutEnd, fault !== undefined && fault !== 'start-unreadable')}
      </div>
      <p id="cut-note" class={fault ? 'fault' : 'hint'}>
        {fault ? said.optionFault[fault] : said.cutHint}
      </p>
    </fieldset>
  );
}

interface FlagProps extends PartProps {
  readonly name: 'normalize' | 'mono' | 'cover';
  readonly hint?: string;
  readonly children: ComponentChildren;
}

function Flag({ name, chosen, change, hint, children }: FlagProps) {
  return (
    <label class="flag">
      <input
        type="checkbox"
        checked={chosen[name]}
        onChange={({ currentTarget }) => change({ [name]: currentTarget.checked })}
      />
      <span>
        {children}
        {hint && <span class="hint">{hint}</span>}
      </span>
    </label>
  );
}

interface TextProps extends PartProps {
  readonly name: 'title' | 'artist' | 'album';
  readonly label: string;
}

function Text({ name, label, chosen, change }: TextProps) {
  return (
    <div class="field">
      <label for={`tag-${name}`}>{label}</label>
      <input
        id={`tag-${name}`}
        maxLength={200}
        autocomplete="off"
        value={chosen[name]}
        onInput={({ currentTarget }) => change({ [name]: currentTarget.value })}
      />
    </div>
  );
}
