import { useState } from 'preact/hooks';
import type { Api, Link } from '../api/api.ts';
import { announce } from '../page/announcer.tsx';
import { notify } from '../page/notices.tsx';
import { problemText } from '../page/problem-text.ts';
import { formatMoment } from '../words/formats.ts';
import { language, words } from '../words/words.ts';
import type { Conversion } from './conversion.ts';

interface LinkActionsProps {
  readonly conversion: Conversion;
  readonly api: Api;
}

/** A link for somebody else, and the end of all that were given. */
export function LinkActions({ conversion, api }: LinkActionsProps) {
  const said = words.value;
  const { file_id: id, filename } = conversion;
  const [link, setLink] = useState<Link>();
  const [isCopied, setCopied] = useState(false);

  async function copy(): Promise<void> {
    try {
      const made = await api.link(id);
      setLink(made);
      const done = await navigator.clipboard.writeText(made.url).then(
        () => true,
        () => false,
      );
      setCopied(done);
      announce(done ? words.value.heardCopied : words.value.copyFailed);
    } catch (error) {
      notify(problemText(words.value, error));
    }
  }

  async function end(): Promise<void> {
    try {
      await api.endLinks(id);
      setLink(undefined);
      announce(words.value.heardLinksEnded);
    } catch (error) {
      notify(problemText(words.value, error));
    }
  }

  return (
    <>
      <button
        type="button"
        class="quiet"
        aria-label={said.of(said.copyLink, filename)}
        onClick={() => void copy()}
      >
        {link && isCopied ? said.copied : said.copyLink}
      </button>
      {link && (
        <p class="link-note">
          {isCopied ? (
            said.copyHint(formatMoment(language.value, link.expiresAt, new Date()))
          ) : (
            <label>
              {said.copyFailed} <input readOnly value={link.url} />
            </label>
          )}{' '}
          <button type="button" class="quiet" onClick={() => void end()}>
            {said.endLinks}
          </button>
        </p>
      )}
    </>
  );
}
