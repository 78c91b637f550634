import { expect, test } from 'vitest';
import { brokenPromises, type History, type Snapshot } from '../fault/crash/history.ts';

const AUDIO = { key: 'a.1' };
const MAIL = 'audio.ready.a@host';
const END: Snapshot = {
  records: [{ id: 'a', state: 'ready', audio: AUDIO, notifiedAt: 'now' }],
  files: [{ name: 'mp3s/a.1', digest: 'd' }],
  messages: [],
  mails: [MAIL],
  temporary: [],
};
const NOTHING: Snapshot = { records: [], files: [], messages: [], mails: [], temporary: [] };
const UNREACHABLE = { messages: ['audio.ready.dead'] };
const RECORD = { id: 'a', state: 'ready', audio: AUDIO };

function history(end: Partial<Snapshot>, given: Partial<History> = {}): History {
  const whole = { ...END, ...end };
  const told = { id: 'a', isAnswered: true, ending: 'ready', mayBeToldTwice: false } as const;
  return { ...told, soon: whole, end: whole, wantedDigest: 'd', orphans: [], ...given };
}

test.each<[string, History]>([
  ['one MP3 and one mail', history({})],
  ['nothing of an upload that was not answered', history(NOTHING, { isAnswered: false })],
  [
    'two mails after a death before the note',
    history({ mails: [MAIL, MAIL] }, { mayBeToldTwice: true }),
  ],
  [
    'a dead letter about somebody whom nobody can tell',
    history({ ...UNREACHABLE, mails: [] }, { isUnreachable: true }),
  ],
])('nothing is broken by %s', (_title, given) => {
  expect(brokenPromises(given)).toEqual([]);
});

test.each<[string, History]>([
  ['an answered upload has no record', history({ records: [] })],
  ['b is a second record', history({ records: [RECORD, { ...RECORD, id: 'b' }] })],
  ['the record is queued, not ready', history({ records: [{ id: 'a', state: 'queued' }] })],
  ['a lease is left', history({ records: [{ ...RECORD, lease: {} }] })],
  ['audio.ready is still owed', history({ records: [{ ...RECORD, outbox: 'audio.ready' }] })],
  ['the MP3 is not there whole', history({ files: [] })],
  ['the MP3 is not there whole', history({ files: [{ name: 'mp3s/a.1', digest: 'another' }] })],
  ['a video is left behind', history({ files: [...END.files, { name: 'videos/a' }] })],
  ['an MP3 is left behind', history({ files: [...END.files, { name: 'mp3s/a.0~x.part' }] })],
  ['the owner has not heard', history({ mails: [] })],
  ['the owner has heard 2 times', history({ mails: [MAIL, MAIL] })],
  ['the owner has heard 3 times', history({ mails: [MAIL, MAIL, MAIL] }, { mayBeToldTwice: true })],
  ['a mail says something else', history({ mails: ['conversion.failed.a@host'] })],
  ['a message is left in audio.ready.dead', history({ messages: ['audio.ready.dead'] })],
  ['no dead letter says why', history({ mails: [] }, { isUnreachable: true })],
  ['the owner has heard 1 times', history(UNREACHABLE, { isUnreachable: true })],
  ['ffmpeg 12 goes on running', history({}, { orphans: ['ffmpeg 12'] })],
  ['tmp-1 is left', history({ temporary: ['tmp-1'] })],
  ['after two minutes the owner has not heard', history({}, { soon: { ...END, mails: [] } })],
  [
    'after two minutes the record is queued',
    history({}, { soon: { ...END, records: [{ id: 'a', state: 'queued' }] } }),
  ],
  [
    'a video is left behind',
    history({ ...NOTHING, files: [{ name: 'videos/a' }] }, { isAnswered: false }),
  ],
])('it is broken that %s', (problem, given) => {
  expect(brokenPromises(given)).toContain(problem);
});
