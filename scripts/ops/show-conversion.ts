import {
  type Conversion,
  dueAt,
  isOwedMail,
  isRedrivable,
  isUploadUnfinished,
} from '../../src/domain/conversion.ts';
import type { FileRef } from '../../src/ports/file-store.ts';
import type { Stores } from './stores.ts';
import { duration, size, table } from './table.ts';

/** `ops conversion <id>`: all that is known of one. @returns 1 when there is none */
export async function showConversion(stores: Stores, id: string): Promise<number> {
  const conversion = await stores.conversions.find(id);
  if (conversion === undefined) {
    console.log(`There is no conversion ${id}: it was never begun, or its owner has removed it.`);
    return 1;
  }
  const { state, owner, video, attempts, error, createdAt, history } = conversion;
  console.log(`${id} is ${state}${error ? ` (${error.code}: ${error.message})` : ''}`);
  console.log(`  owner    ${owner.email} (${owner.userId})`);
  console.log(`  video    ${video.fileName}, ${size(video.sizeBytes)}`);
  console.log(`  begun    ${createdAt.toISOString()}, attempts: ${attempts}`);
  console.log('\nHistory');
  console.log(indented(historyOf(history)));
  console.log('\nFiles');
  console.log(indented(await filesOf(stores, conversion)));
  console.log('\nOwed');
  console.log(`  ${owedBy(conversion).join('\n  ')}`);
  console.log('\nNext');
  console.log(`  ${nextOf(conversion, stores.clock.now())}`);
  return 0;
}

function historyOf(history: Conversion['history']): string {
  if (history === undefined) return 'not recorded: it is older than histories are';
  const rows = history.map(({ state, at, attempt, reason }) => [
    at.toISOString(),
    state,
    attempt === undefined ? (reason ?? '') : `attempt ${attempt}`,
  ]);
  return table(rows);
}

async function filesOf({ files }: Stores, conversion: Conversion): Promise<string> {
  const refs: FileRef[] = [
    { bucket: 'videos', key: conversion.id },
    ...conversion.audioKeys.map((key) => ({ bucket: 'mp3s', key }) as const),
  ];
  const rows: string[][] = [];
  for (const ref of refs) {
    const found = await files.stat(ref);
    const isMp3 = ref.key === conversion.audio?.key ? ' (what its owner downloads)' : '';
    rows.push([
      `${ref.bucket}/${ref.key}`,
      found ? `${size(found.sizeBytes)}${isMp3}` : 'not there',
    ]);
  }
  return table(rows);
}

function owedBy(conversion: Conversion): string[] {
  const owed: string[] = [];
  if (conversion.outbox) owed.push(`the message ${conversion.outbox}`);
  if (isOwedMail(conversion)) owed.push(`a mail to ${conversion.owner.email}`);
  if (conversion.notifiedAt) owed.push(`no mail: sent at ${conversion.notifiedAt.toISOString()}`);
  if (conversion.isOwnerUnreachable) owed.push('no mail: no mail server takes it for this address');
  return owed.length > 0 ? owed : ['nothing'];
}

function nextOf(conversion: Conversion, now: Date): string {
  const due = dueAt(conversion);
  const tip = isRedrivable(conversion)
    ? `\n  It can begin anew while its video is kept: npm run ops -- retry ${conversion.id}`
    : '';
  if (due === undefined) return `nothing: it is at rest${tip}`;
  const isOverdue = due <= now;
  const distance = duration(Math.abs(due.getTime() - now.getTime()));
  const when = isOverdue ? `overdue for ${distance}` : `in ${distance}`;
  const hint = isOverdue
    ? '\n  janitor does this every minute. Does it run? npm run ops -- doctor'
    : '';
  return `${stepOf(conversion)}: ${due.toISOString()} (${when})${hint}${tip}`;
}

/** What *janitor* does at `dueAt`, unless a function is faster. */
function stepOf(conversion: Conversion): string {
  const { state, outbox, expiresAt, videoExpiresAt } = conversion;
  if (state === 'deleting') return 'its files and its record are removed';
  if (outbox !== undefined) return `${outbox} is published`;
  if (state === 'queued') return 'nobody has begun: video.uploaded is published again';
  if (state === 'converting') return 'its lease runs out: it is queued again';
  if (state === 'uploading') {
    return isUploadUnfinished(conversion) ? 'the upload is finished' : 'the upload is removed';
  }
  const due = dueAt(conversion);
  if (videoExpiresAt !== undefined && +videoExpiresAt === Number(due))
    return 'the video is removed';
  if (expiresAt !== undefined && +expiresAt === Number(due)) return 'what is kept of it is removed';
  return 'its owner is told again';
}

function indented(text: string): string {
  return text.replace(/^/gm, '  ');
}
