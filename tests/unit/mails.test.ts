import { describe, expect, it } from 'vitest';
import { audioReadyMail } from '../../functions/notifier/mails/audio-ready.ts';
import { conversionFailedMail } from '../../functions/notifier/mails/conversion-failed.ts';
import {
  dateInWords,
  durationInWords,
  fileNameInWords,
  sizeInWords,
} from '../../functions/notifier/mails/wording.ts';
import type { Conversion } from '../../src/domain/conversion.ts';
import { someConversion } from '../support/conversions.ts';

const apiUrl = 'https://sound.example/api/v1';
const linksOf = ({ id }: Conversion) => ({
  apiUrl,
  audioUrl: `${apiUrl}/links/${id}?key=v1.1.0.abc`,
  audioUrlExpiresAt: new Date('2026-05-05T10:00:59Z'),
  signedInUrl: `${apiUrl}/files/${id}`,
  pageUrl: `https://sound.example/c/${id}`,
});

const EXPIRES_AT = new Date('2026-05-11T10:00:00Z');
const AUDIO = { key: 'key', sizeBytes: 1_440_000, durationSeconds: 3723.4 };
const HOSTILE_NAME = '<b onmouseover="x()">\'&\r\nBcc: eve@example.org\r\n\u202egpj.mp4';

const ready = (change: Partial<Conversion> = {}) =>
  someConversion({ state: 'ready', audio: AUDIO, expiresAt: EXPIRES_AT, ...change });
const failed = (change: Partial<Conversion> = {}) =>
  someConversion({
    state: 'failed',
    error: { code: 'no-audio', message: 'This file has no sound in it.' },
    expiresAt: EXPIRES_AT,
    ...change,
  });
const named = (fileName: string) => ({ video: { fileName, sizeBytes: 1 } });

describe('the mail about an MP3 that is ready', () => {
  it('says in both forms which file, how long, how large, where, and until when', () => {
    const conversion = ready();
    const { subject, text, html } = audioReadyMail(conversion, linksOf(conversion));

    expect(subject).toBe('Your MP3 is ready: holiday.mp4');
    for (const form of [text, html]) {
      for (const fact of ['holiday.mp4', '1:02:03', '1.4 MB', '11 May 2026 at 10:00 UTC']) {
        expect(form).toContain(fact);
      }
      expect(form).toContain(conversion.id);
      expect(form).toContain(`${apiUrl}/links/${conversion.id}?key=v1.1.0.abc`);
      expect(form).toContain(`https://sound.example/c/${conversion.id}`);
      expect(form).toContain('The link works until 5 May 2026 at 10:00 UTC');
    }
  });

  it('has a command for later that can be pasted', () => {
    const conversion = ready();
    const { signedInUrl } = linksOf(conversion);
    const { text } = audioReadyMail(conversion, linksOf(conversion));

    expect(text).toContain(`    curl -LOJ -H "Authorization: Bearer $TOKEN" ${signedInUrl}\n`);
    expect(text).toContain(`${apiUrl}/auth/token`);
  });

  it('warns in a plain sentence, and only when there is something to warn of', () => {
    const [whole, cut] = [ready(), ready({ warnings: ['source-ended-early'] })];

    expect(audioReadyMail(cut, linksOf(cut)).text).toContain('ended earlier than it says');
    expect(audioReadyMail(cut, linksOf(cut)).html).toContain('ended earlier than it says');
    expect(audioReadyMail(whole, linksOf(whole)).text).not.toContain('earlier');
  });
});

describe('the mail about a conversion that failed', () => {
  it('says in both forms which file, why, what to do, and the number to ask about', () => {
    const conversion = failed();
    const { subject, text, html } = conversionFailedMail(conversion, linksOf(conversion));

    expect(subject).toBe('Your video could not be converted: holiday.mp4');
    for (const form of [text, html]) {
      expect(form).toContain('This file has no sound in it.');
      expect(form).toContain('please upload that very file');
      expect(form).toContain(conversion.id);
      expect(form).toContain('11 May 2026 at 10:00 UTC');
    }
  });

  it.each([
    ['unreadable-media', 'save it as MP4'],
    ['attempts-exhausted', 'tell us the number'],
    ['internal', 'tell us the number'],
  ] as const)('advises what helps against %s', (code, advice) => {
    const conversion = failed({ error: { code, message: 'It did not work.' } });
    expect(conversionFailedMail(conversion, linksOf(conversion)).text).toContain(advice);
  });

  it('has words for a failure without a reason', () => {
    const conversion = failed({ error: undefined });
    const { text } = conversionFailedMail(conversion, linksOf(conversion));
    expect(text).toContain('Something went wrong on our side.');
  });
});

describe.each([
  ['ready', ready, audioReadyMail],
  ['failed', failed, conversionFailedMail],
] as const)('every mail (%s)', (_name, make, compose) => {
  const composed = (fileName: string) => {
    const conversion = make(named(fileName));
    return compose(conversion, linksOf(conversion));
  };

  it('shows a hostile file name as text', () => {
    const { html } = composed(HOSTILE_NAME);
    expect(html).toContain('&lt;b onmouseover=&quot;x()&quot;&gt;&#39;&amp;');
    expect(html).not.toContain('<b ');
  });

  it('keeps a file name on one line of subject and text', () => {
    const { subject, text } = composed(HOSTILE_NAME);
    expect(subject).not.toMatch(/\p{Cc}|\u202e/u);
    expect(text).not.toMatch(/^Bcc:/m);
    expect(text).not.toContain('\u202e');
  });

  it('has a subject that fits, whatever the name is', () => {
    const { subject } = composed(`${'🎬'.repeat(200)}.mp4`);
    expect([...subject].length).toBeLessThanOrEqual(120);
    expect(subject).toMatch(/….*\.mp4$/u);
    expect(subject.isWellFormed()).toBe(true);
    expect(composed('').subject).toMatch(/: your video$/);
  });

  it('loads nothing, runs nothing and names its language', () => {
    const { html } = composed('holiday.mp4');
    expect(html).not.toMatch(/<(img|script|link|iframe|style)\b|src=|url\(/i);
    expect(html).toContain('<html lang="en">');
    expect(html.match(/<h1\b/g)).toHaveLength(1);
  });
});

describe('wording', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1_000, '1.0 kB'],
    [99_949, '99.9 kB'],
    [999_500, '1.0 MB'],
    [1_440_000, '1.4 MB'],
    [5_000_000_000, '5.0 GB'],
  ])('%d bytes are %s', (sizeBytes, words) => expect(sizeInWords(sizeBytes)).toBe(words));

  it.each([
    [0, '0:00'],
    [59.6, '1:00'],
    [245, '4:05'],
    [3_599.7, '1:00:00'],
    [36_061, '10:01:01'],
  ])('%d seconds are %s', (seconds, words) => expect(durationInWords(seconds)).toBe(words));

  it('tells a time with its zone', () => {
    expect(dateInWords(new Date('2026-12-31T23:59:00Z'))).toBe('31 December 2026 at 23:59 UTC');
  });

  it('cuts a long name in its middle', () => {
    const words = fileNameInWords(`${'a'.repeat(100)}.mp4`);
    expect([...words]).toHaveLength(80);
    expect(words.endsWith('a.mp4')).toBe(true);
  });
});
