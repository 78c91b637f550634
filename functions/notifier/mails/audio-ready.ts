import type { Conversion } from '../../../src/domain/conversion.ts';
import type { Warning } from '../../../src/domain/media.ts';
import { layOut, type MailContent, type MailPart } from './layout.ts';
import { dateInWords, durationInWords, fileNameInWords, sizeInWords } from './wording.ts';

/** Where a mail points to. */
export interface MailLinks {
  /** The MP3, for whoever has the link. */
  readonly audioUrl: string;
  readonly audioUrlExpiresAt: Date;
  /** The MP3, for its owner who is signed in. */
  readonly signedInUrl: string;
  /** The conversion on the web page, where its owner signs in. */
  readonly pageUrl: string;
  /** The API, without a slash at the end: `https://sound.example/api/v1`. */
  readonly apiUrl: string;
}

const WARNINGS: Readonly<Record<Warning, string>> = {
  'bitrate-above-source':
    'The bitrate that you asked for is above that of your video. The MP3 has it, but it is only larger for that: what is not in the video cannot sound better.',
  'cover-too-large':
    'The picture in your video is too large to go into an MP3, so the MP3 has none.',
  'source-ended-early':
    'Your video ended earlier than it says it should, so part of the sound may be missing. If so, please upload it again: the upload may have been cut short.',
};

/** Tells the owner where the MP3 is and until when. */
export function audioReadyMail(conversion: Conversion, links: MailLinks): MailContent {
  const fileName = fileNameInWords(conversion.video.fileName);
  return layOut({
    subject: `Your MP3 is ready: ${fileName}`,
    heading: 'Your MP3 is ready',
    parts: [
      { paragraph: `Here is the sound of ${fileName}.` },
      { facts: factsOf(conversion, fileName) },
      ...conversion.warnings.map((warning) => ({ paragraph: WARNINGS[warning] })),
      { link: { label: 'Download the MP3', url: links.audioUrl } },
      ...waysToDownload(links, conversion.expiresAt),
    ],
  });
}

function factsOf({ id, audio }: Conversion, fileName: string): [string, string][] {
  const ofAudio: [string, string][] = audio
    ? [
        ['Length', durationInWords(audio.durationSeconds)],
        ['Size', sizeInWords(audio.sizeBytes)],
      ]
    : [];
  return [['Video', fileName], ...ofAudio, ['Conversion', id]];
}

function waysToDownload(links: MailLinks, expiresAt: Date | undefined): MailPart[] {
  const { audioUrlExpiresAt, pageUrl, signedInUrl, apiUrl } = links;
  const untilWhen = expiresAt ? `, until ${dateInWords(expiresAt)}. Then it is removed.` : '.';
  return [
    {
      paragraph: `The link works until ${dateInWords(audioUrlExpiresAt)}, for everyone who has it: pass it on only to those who may have the MP3.`,
    },
    { paragraph: `After that you can still play and download it on your page${untilWhen}` },
    { link: { label: 'Open it on your page', url: pageUrl } },
    {
      paragraph: `From a terminal, with the access_token that ${apiUrl}/auth/token gives you as TOKEN:`,
    },
    { command: `curl -LOJ -H "Authorization: Bearer $TOKEN" ${signedInUrl}` },
  ];
}
