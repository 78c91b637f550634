import type { Conversion } from '../../../src/domain/conversion.ts';
import type { ErrorCode } from '../../../src/domain/errors.ts';
import type { MailLinks } from './audio-ready.ts';
import { layOut, type MailContent, oneLine } from './layout.ts';
import { dateInWords, fileNameInWords } from './wording.ts';

const UNKNOWN_REASON = 'Something went wrong on our side.';

const ADVICE: Readonly<Partial<Record<ErrorCode, string>>> = {
  'audio-too-large':
    'Please upload it once more and ask for a part of it, by the options “start” and “end”, or for a lower bitrate.',
  'no-audio': 'Does it have sound when you play it yourself? If so, please upload that very file.',
  'unreadable-media':
    'Does it play on your own machine? If it does, upload it once more, or save it as MP4 first. If it does not, the file itself is damaged or is not a video.',
};

const GENERAL_ADVICE =
  'Please upload it once more. If that fails too, tell us the number of the conversion, and we will look into it.';

/** Tells the owner that there will be no MP3, why, and what to do now. */
export function conversionFailedMail(conversion: Conversion, links: MailLinks): MailContent {
  const { id, error, expiresAt } = conversion;
  const fileName = fileNameInWords(conversion.video.fileName);
  const advice = (error && ADVICE[error.code]) ?? GENERAL_ADVICE;
  return layOut({
    subject: `Your video could not be converted: ${fileName}`,
    heading: 'Your video could not be converted',
    parts: [
      { paragraph: `We are sorry: there will be no MP3 of ${fileName}.` },
      { paragraph: oneLine(error?.message ?? UNKNOWN_REASON) },
      { paragraph: advice },
      {
        facts: [
          ['Video', fileName],
          ['Conversion', id],
        ],
      },
      { link: { label: 'Open it on your page', url: links.pageUrl } },
      ...(expiresAt
        ? [{ paragraph: `What you uploaded is removed on ${dateInWords(expiresAt)}.` }]
        : []),
    ],
  });
}
