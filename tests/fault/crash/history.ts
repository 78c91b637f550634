/** How an upload has to end; `removed`: by its owner. */
export type Ending = 'ready' | 'failed' | 'cancelled' | 'expired' | 'removed';

interface StoredRecord {
  readonly id: string;
  readonly state: string;
  readonly outbox?: string | undefined;
  readonly lease?: unknown;
  readonly audio?: { readonly key: string } | undefined;
  readonly notifiedAt?: unknown;
}

export interface StoredFile {
  readonly name: string;
  /** SHA-256 of its bytes, of an MP3. */
  readonly digest?: string | undefined;
}

/** What the stores hold, looked at behind the service's back. */
export interface Snapshot {
  readonly records: readonly StoredRecord[];
  /** `videos/…`, `mp3s/…`: whole files and whatever else lies there. */
  readonly files: readonly StoredFile[];
  /** The queues of all messages that are left. */
  readonly messages: readonly string[];
  /** The Message-IDs of all mails that were taken. */
  readonly mails: readonly string[];
  readonly temporary: readonly string[];
}

/** One upload, from its request to the end of everything that followed. */
export interface History {
  /** Absent when its client never heard of one. */
  readonly id?: string | undefined;
  /** Whether the upload was answered with 2xx. */
  readonly isAnswered: boolean;
  readonly ending: Ending;
  /** The death was between the mail server's acceptance and `notifiedAt`. */
  readonly mayBeToldTwice: boolean;
  /** As it was two minutes after everything was alive again; absent where nobody promises that. */
  readonly soon?: Snapshot | undefined;
  readonly end: Snapshot;
  /** The digest of the MP3 when nobody dies. */
  readonly wantedDigest?: string | undefined;
  /** The owner's mail server refuses them for good: nobody can tell them, and an operator has to know. */
  readonly isUnreachable?: boolean | undefined;
  /** Programs that run on, and whoever started them is dead. */
  readonly orphans: readonly string[];
}

const MAIL_OF: Readonly<Partial<Record<Ending, string>>> = {
  ready: 'audio.ready',
  expired: 'audio.ready',
  removed: 'audio.ready',
  failed: 'conversion.failed',
};

/**
 * What of the promise a history breaks, a sentence for each: every upload that was answered with 2xx ends
 * in one way, its owner hears of it, and nothing else is left. One that was not answered: the same, or nothing.
 */
export function brokenPromises(history: History): string[] {
  const { end, ending, isAnswered, soon } = history;
  const [record, ...others] = end.records;
  const problems = others.map(({ id }) => `${id} is a second record`);
  if (record === undefined) {
    if (isAnswered && ending !== 'removed') problems.push('an answered upload has no record');
  } else problems.push(...problemsOf(record, ending));
  if (isAnswered && soon !== undefined) problems.push(...problemsSoon(soon, history));
  problems.push(...fileProblems(history, record), ...mailProblems(history, record));
  problems.push(...messageProblems(history));
  problems.push(...history.orphans.map((program) => `${program} goes on running`));
  problems.push(...end.temporary.map((name) => `${name} is left`));
  return problems;
}

function problemsOf(record: StoredRecord, ending: Ending): string[] {
  const problems: string[] = [];
  if (record.state !== ending) problems.push(`the record is ${record.state}, not ${ending}`);
  if (record.lease != null) problems.push('a lease is left');
  if (record.outbox != null) problems.push(`${record.outbox} is still owed`);
  return problems;
}

function problemsSoon({ records, mails }: Snapshot, history: History): string[] {
  const { id, ending, isUnreachable } = history;
  const found = records.find((record) => record.id === id);
  const isEnded = found === undefined || found.state === ending;
  const isTold = MAIL_OF[ending] === undefined || isUnreachable || mails.length > 0;
  return [
    ...(isEnded ? [] : [`after two minutes the record is ${found?.state}`]),
    ...(isTold ? [] : ['after two minutes the owner has not heard']),
  ];
}

/** Dead letters are for whom nobody can tell; two of one message are one. */
function messageProblems({ end, isUnreachable }: History): string[] {
  const dead = `${MAIL_OF.ready}.dead`;
  const isWanted = (queue: string) => isUnreachable === true && queue === dead;
  const left = end.messages.filter((queue) => !isWanted(queue));
  const problems = left.map((queue) => `a message is left in ${queue}`);
  if (isUnreachable && !end.messages.includes(dead)) problems.push('no dead letter says why');
  return problems;
}

function fileProblems(
  { end: { files }, wantedDigest }: History,
  record: StoredRecord | undefined,
): string[] {
  const audio = record?.state === 'ready' ? record.audio : undefined;
  const kept = files.filter(({ name }) => name === `mp3s/${audio?.key}`);
  const left = files.filter(({ name }) => name !== `mp3s/${audio?.key}`);
  const problems = left.map(({ name }) => `${kindOf(name)} is left behind`);
  if (record?.state === 'ready' && audio === undefined) problems.push('the record names no MP3');
  const isWhole = kept[0] && (wantedDigest === undefined || kept[0].digest === wantedDigest);
  if (audio !== undefined && !isWhole) problems.push('the MP3 is not there whole');
  return [...new Set(problems)];
}

function kindOf(name: string): string {
  return name.startsWith('videos/') ? 'a video' : 'an MP3';
}

function mailProblems(history: History, record: StoredRecord | undefined): string[] {
  const { ending, mayBeToldTwice, isAnswered, isUnreachable, id } = history;
  const { mails } = history.end;
  const name = MAIL_OF[ending];
  const isOwed =
    name !== undefined &&
    !isUnreachable &&
    (record !== undefined || (isAnswered && ending === 'removed'));
  const wanted = isOwed ? 1 : 0;
  const most = isOwed && mayBeToldTwice ? 2 : wanted;
  const problems: string[] = [];
  if (mails.length < wanted) problems.push('the owner has not heard');
  if (mails.length > most) problems.push(`the owner has heard ${mails.length} times`);
  const of = record?.id ?? id;
  const isForeign = (mail: string) => of !== undefined && !mail.startsWith(`${name}.${of}@`);
  if (mails.some(isForeign)) problems.push('a mail says something else');
  return problems;
}
