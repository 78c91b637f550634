import { deleting } from '../domain/conversion.ts';
import { changeConversion } from './change-conversion.ts';
import type { SettleDeps } from './settle-conversion.ts';

/**
 * Removes a conversion with all its files. The record goes last: who dies in between leaves a
 * `deleting` one, which *janitor* ends. A converter that is at it loses its lease and stops.
 *
 * @throws {Refused} `not-found`
 */
export async function eraseConversion(
  deps: Pick<SettleDeps, 'files' | 'conversions' | 'clock'>,
  id: string,
): Promise<void> {
  const conversion = await changeConversion(deps.conversions, id, (current) =>
    current.state === 'deleting' ? current : deleting(current, deps.clock.now()),
  );
  await deps.files.remove({ bucket: 'videos', key: id });
  for (const key of conversion.audioKeys) await deps.files.remove({ bucket: 'mp3s', key });
  await deps.conversions.remove(id);
}
