import { changeConversion } from '../../src/conversions/change-conversion.ts';
import { eraseConversion } from '../../src/conversions/erase-conversion.ts';
import { removeSpentFiles, type SettleDeps } from '../../src/conversions/settle-conversion.ts';
import { type Conversion, deleting, expired } from '../../src/domain/conversion.ts';

/**
 * Removes what has had its time: the MP3 of a ready conversion and the video of a failed one (their
 * records stay and say so), uploads that never ended, and removals that were begun.
 */
export async function removeExpired(deps: SettleDeps, conversion: Conversion): Promise<void> {
  if (conversion.state === 'uploading' || conversion.state === 'deleting') {
    // As it was when it was looked at: an upload may just have ended.
    const isSame = await deps.conversions.replace(deleting(conversion, deps.clock.now()));
    if (isSame) await eraseConversion(deps, conversion.id);
    return;
  }
  await removeSpentFiles(deps.files, conversion);
  if (conversion.audio) await deps.files.remove({ bucket: 'mp3s', key: conversion.audio.key });
  await changeConversion(deps.conversions, conversion.id, (current) =>
    expired(current, deps.clock.now()),
  );
}
