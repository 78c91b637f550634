import { findOrphans, type Orphan, type OrphanPage } from '../../src/conversions/find-orphans.ts';
import type { Stores } from './stores.ts';
import { duration, size } from './table.ts';

const BUCKETS = ['videos', 'mp3s'] as const;
const PAGE_FILES = 500;

/** `ops orphans [--remove]`: every file that no record names. */
export async function orphans(stores: Stores, remove: boolean): Promise<number> {
  let count = 0;
  let bytes = 0;
  let isAnyNamed = false;
  for await (const page of allPages(stores)) {
    isAnyNamed ||= page.isAnyNamed;
    for (const orphan of page.orphans) {
      console.log(description(orphan, stores.clock.now()));
      if (remove) await stores.files.remove(orphan);
      count += 1;
      bytes += orphan.sizeBytes;
    }
  }
  if (count === 0) {
    console.log('Every file that is older than a day has a record.');
    return 0;
  }
  console.log(`${count} orphaned files, ${size(bytes)}${remove ? ', removed' : ''}.`);
  if (!isAnyNamed) {
    console.log('No file has a record. Is CONVERSIONS_URL that of the same service as FILES_URL?');
  }
  if (!remove) console.log('To remove them: npm run ops -- orphans --remove');
  return 0;
}

async function* allPages(stores: Stores): AsyncIterable<OrphanPage> {
  const now = stores.clock.now();
  for (const bucket of BUCKETS) {
    let after: string | undefined;
    do {
      const page = await findOrphans(stores, bucket, { after, limit: PAGE_FILES, now });
      yield page;
      after = page.next;
    } while (after !== undefined);
  }
}

function description({ bucket, key, sizeBytes, changedAt }: Orphan, now: Date): string {
  const age = duration(now.getTime() - changedAt.getTime());
  return `${bucket}/${key}  ${size(sizeBytes)}  ${age} old`;
}
