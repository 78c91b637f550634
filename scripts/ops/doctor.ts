import { readSetting } from '../../src/read-config.ts';
import { checkConversions } from './doctor/check-conversions.ts';
import { checkDisk, checkFfmpeg } from './doctor/check-machine.ts';
import { checkMail } from './doctor/check-mail.ts';
import { checkMongodb } from './doctor/check-mongodb.ts';
import { checkQueue } from './doctor/check-queue.ts';
import { checkSettings } from './doctor/check-settings.ts';
import { checkUsers } from './doctor/check-users.ts';
import { asked, type Check, type Finding, reasonOf } from './doctor/finding.ts';
import { openStores, type Place, type Stores } from './stores.ts';

/** `ops doctor`: looks at every part, prints a line for each finding. @returns 1 when one fails */
export async function doctor(place: Place): Promise<number> {
  Object.assign(process.env, place.environment);
  const findings = await checkSettings();
  show(findings);
  const isReadable = findings.every(({ part, level }) => part !== JANITOR || level === 'ok');
  const rest = isReadable ? await checkStores(place) : [];
  const machine = await found([checkFfmpeg, checkDisk]);
  show([...rest, ...machine]);
  return summary([...findings, ...rest, ...machine]);
}

/** Its settings are those that all stores are opened by. */
const JANITOR = 'settings of janitor';

async function checkStores(place: Place): Promise<Finding[]> {
  await using stores = await openStores(place);
  const setting = (name: string) => readSetting(process.env, name) ?? '';
  const checks: Check[] = [
    () => checkUsers(setting('USERS_URL')),
    () => checkStore('files', setting('FILES_URL'), stores),
    () => checkStore('conversions', setting('CONVERSIONS_URL'), stores),
    () => checkQueue(setting('QUEUE_URL'), stores.queue),
    () => checkMail(setting('MAIL_URL'), place.isEmbedded),
    () => checkConversions(stores.conversions),
  ];
  return await found(checks);
}

async function checkStore(
  what: 'files' | 'conversions',
  url: string,
  stores: Stores,
): Promise<Finding[]> {
  if (url.startsWith('mongodb')) return await checkMongodb(url, what);
  const kind = url.startsWith('disk:') ? 'folder' : 'SQLite';
  const todo = `Has this user the right to write to ${url.slice(url.indexOf(':') + 1)}?`;
  return await asked(`${what} (${kind})`, todo, async () => {
    await stores[what].ping();
    return { version: 'it answers' };
  });
}

/** One after the other: their times are to be compared. */
async function found(checks: readonly Check[]): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const check of checks) {
    findings.push(
      ...(await check().catch((error: unknown): Finding[] => [
        { level: 'fail', part: 'doctor', says: reasonOf(error), todo: 'See the part that fails.' },
      ])),
    );
  }
  return findings;
}

function show(findings: readonly Finding[]): void {
  for (const { level, part, says, todo } of findings) {
    console.log(`${level.padEnd(4)}  ${part.padEnd(22)}  ${says}`);
    if (todo !== undefined) console.log(`      ${' '.repeat(22)}  → ${todo}`);
  }
}

function summary(findings: readonly Finding[]): number {
  const count = (level: Finding['level']) =>
    findings.filter((finding) => finding.level === level).length;
  const failed = count('fail');
  const warned = count('warn');
  if (failed + warned === 0) console.log('\nAll is well.');
  else console.log(`\n${failed} failed, ${warned} to look at. docs/runbook.md says more of each.`);
  return failed > 0 ? 1 : 0;
}
