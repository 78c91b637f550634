import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { createMongoConversionStore } from '../../src/adapters/conversions/mongo.ts';
import { createSqliteConversionStore } from '../../src/adapters/conversions/sqlite.ts';
import { createDiskFileStore } from '../../src/adapters/files/disk.ts';
import { createGridfsFileStore } from '../../src/adapters/files/gridfs.ts';
import { createHmacLinkSigner } from '../../src/adapters/links/hmac.ts';
import { generateSigningKey } from '../../src/adapters/tokens/jose.ts';
import { systemClock } from '../../src/ports/clock.ts';
import type { ConversionStore } from '../../src/ports/conversion-store.ts';
import type { FileStore } from '../../src/ports/file-store.ts';
import { contentOf } from '../../tests/support/generated-content.ts';
import { readyConversion } from '../../tests/support/ready-conversion.ts';
import { table } from '../convert/report.ts';
import { openMongoDatabase, ServiceMissing } from '../convert/stores.ts';
import { median } from '../median.ts';
import { judged, type Section, type TransferBench } from './section.ts';
import { type ServerKind, type ServerProcess, startServer } from './server-process.ts';
import { take, takeDigest, type Way } from './take.ts';

const MB = 1_000_000;
/** Beside the plain program of the same store, in MB/s. */
const AIM = 0.8;
const SECRET = 'what signs the links of a benchmark';
const LINK_TTL_MS = 6 * 3_600_000;

/** Where the file is, what it is compared with there, and how both are reached. */
interface Place {
  readonly name: string;
  readonly plainName: string;
  readonly plainKind: ServerKind;
  /** The least that a function can do, where that is measured. */
  readonly leastKind?: ServerKind;
  readonly plainPath: string;
  readonly settings: Readonly<Record<string, string>>;
  readonly conversionId: string;
  readonly description: string;
}

interface Variant {
  readonly place: Place;
  readonly way: Way;
  readonly name: string;
  readonly kind: ServerKind;
  readonly url: string;
  readonly server: ServerProcess;
  readonly wallsMs: number[];
}

const EXPLAINED = `**stream** is \`functions/gateway/stream.ts\` as \`npm start\` hosts it; **gateway** the handler of
*gateway*, from Lambda's event to its result, base64 and all, on Node's HTTP server. Both open a signed
link at every request. Beside them is what one writes who only moves bytes: \`createReadStream\`, or the
MongoDB driver's download stream, piped into the answer; and of ranges **fs, by events**, the least that a
function can do: it reads the range and answers by Lambda’s result, too. Every server is a process of its own, the client
is one for all. Memory is the most that was resident (VmHWM) over all rounds, of which Node itself takes some
60 MB. A part from a function is whole in memory and becomes Base64 and bytes again: most of what it loses to
a pipe is lost there.`;

/** A file from the disk and from GridFS, whole and by ranges. */
export async function measureDownloads(bench: TransferBench): Promise<Section> {
  const sizeBytes = (bench.isShort ? 20 : 100) * MB;
  await using opened = new AsyncDisposableStack();
  const places: Place[] = [await diskPlace(bench, sizeBytes)];
  const leftOut: string[] = [];
  try {
    places.push(await gridfsPlace(opened, sizeBytes));
  } catch (error) {
    if (!(error instanceof ServiceMissing)) throw error;
    leftOut.push(`Left out: GridFS, ${error.message}.`);
  }
  const variants: Variant[] = [];
  for (const place of places) variants.push(...(await startVariants(opened, bench, place)));
  await measureRounds(bench, variants, sizeBytes);
  const described = places.map(({ name, description }) => `- **${name}**: ${description}`);
  return {
    title: `Download of a file of ${sizeBytes / MB} MB`,
    parts: [
      described.join('\n'),
      ...leftOut,
      EXPLAINED,
      `Aimed at: ≥ ${AIM} of what the plain program of the same store reaches.`,
      tableOf(variants, sizeBytes),
    ],
  };
}

async function diskPlace({ directory }: TransferBench, sizeBytes: number): Promise<Place> {
  const folder = join(directory, 'files');
  const records = join(directory, 'conversions.sqlite');
  const files = createDiskFileStore({ directory: folder });
  const conversions = createSqliteConversionStore({ path: records });
  const conversionId = await store(files, conversions, sizeBytes);
  return {
    name: 'disk',
    plainName: 'Node’s createReadStream',
    plainKind: 'read-streams',
    leastKind: 'reads-by-events',
    plainPath: join(folder, 'mp3s', `${conversionId}.token`),
    settings: { FILES_URL: `disk:${folder}`, CONVERSIONS_URL: `sqlite:${records}` },
    conversionId,
    description: 'a folder, SQLite',
  };
}

async function gridfsPlace(opened: AsyncDisposableStack, sizeBytes: number): Promise<Place> {
  const { url, description, drop } = await openMongoDatabase(`soundlift-transfer-${Date.now()}`);
  opened.defer(drop);
  const files = createGridfsFileStore({ url });
  const conversions = createMongoConversionStore({ url });
  const conversionId = await store(files, conversions, sizeBytes);
  return {
    name: 'GridFS',
    plainName: 'the driver’s download stream',
    plainKind: 'gridfs-downloads',
    plainPath: `${conversionId}.token`,
    settings: { FILES_URL: url, CONVERSIONS_URL: url },
    conversionId,
    description,
  };
}

async function store(
  files: FileStore,
  conversions: ConversionStore,
  sizeBytes: number,
): Promise<string> {
  try {
    const mp3 = contentOf(0, sizeBytes);
    return await readyConversion({ files, conversions, clock: systemClock }, { mp3 });
  } finally {
    await Promise.all([files.dispose(), conversions.dispose()]);
  }
}

async function startVariants(
  opened: AsyncDisposableStack,
  { directory }: TransferBench,
  place: Place,
): Promise<Variant[]> {
  const { publicJwk } = await generateSigningKey();
  const settings = {
    ...place.settings,
    PLAIN_PATH: place.plainPath,
    LINK_SECRET: SECRET,
    PUBLIC_URL: 'http://127.0.0.1',
    QUEUE_URL: `embedded:${join(directory, 'queue.sqlite')}`,
    TOKEN_PUBLIC_KEYS: JSON.stringify({ keys: [publicJwk] }),
  };
  const start = async (way: Way, kind: ServerKind, name: string, path: string) => {
    const server = opened.use(await startServer(kind, settings));
    return { place, way, name, kind, url: `${server.url}${path}`, server, wallsMs: [] };
  };
  const { conversionId: id } = place;
  const ranges = '1 MiB ranges';
  return [
    await start('whole', place.plainKind, place.plainName, '/'),
    await start('whole', 'stream', 'stream', `/${id}?key=${keyOf(id, 'stream')}`),
    await start(ranges, place.plainKind, place.plainName, '/'),
    ...(place.leastKind ? [await start(ranges, place.leastKind, 'fs, by events', '/')] : []),
    await start(ranges, 'gateway', 'gateway', `/api/v1/links/${id}?key=${keyOf(id, 'download')}`),
  ];
}

function keyOf(conversionId: string, purpose: 'stream' | 'download'): string {
  const expiresAt = new Date(Date.now() + LINK_TTL_MS);
  const links = createHmacLinkSigner({ secret: SECRET });
  return links.sign({ purpose, conversionId, expiresAt, generation: 0 });
}

/** First everything once, unmeasured, and the bytes are compared: nobody is fast by what is wrong. */
async function measureRounds(
  { rounds, signal }: TransferBench,
  variants: readonly Variant[],
  sizeBytes: number,
): Promise<void> {
  const hash = createHash('sha256');
  for await (const piece of contentOf(0, sizeBytes)) hash.update(piece);
  const digest = hash.digest('hex');
  for (const { name, url, way } of variants) {
    const taken = await takeDigest(url, way, sizeBytes);
    if (taken !== digest) throw new Error(`${name} gives other bytes than were stored`);
  }
  for (let round = 0; round < rounds; round += 1) {
    // Whoever always came first would always find the machine as the one before has left it.
    const first = round % variants.length;
    for (const variant of [...variants.slice(first), ...variants.slice(0, first)]) {
      signal.throwIfAborted();
      variant.wallsMs.push(await take(variant.url, variant.way, sizeBytes));
    }
    console.error(`round ${round + 1} of ${rounds}`);
  }
}

function tableOf(variants: readonly Variant[], sizeBytes: number): string {
  const speedOf = ({ wallsMs }: Variant) => {
    const wallMs = median(wallsMs);
    if (wallMs === undefined) throw new Error('nothing was measured');
    return sizeBytes / MB / (wallMs / 1_000);
  };
  const rows = variants.map((variant) => {
    const { place, way, name, kind, wallsMs, server } = variant;
    const plain = variants.find(
      (it) => it.kind === place.plainKind && it.place === place && it.way === way,
    );
    const ratio = plain === undefined ? 1 : speedOf(variant) / speedOf(plain);
    const isOurs = kind === 'gateway' || kind === 'stream';
    const range = [Math.max(...wallsMs), Math.min(...wallsMs)]
      .map((ms) => (sizeBytes / MB / (ms / 1_000)).toFixed(0))
      .join('–');
    return [
      place.name,
      way,
      name,
      `${speedOf(variant).toFixed(0)} (${range})`,
      variant === plain ? '' : `${ratio.toFixed(2)}${isOurs ? judged(ratio >= AIM) : ''}`,
      `${(server.peakBytes() / MB).toFixed(0)} MB`,
    ];
  });
  return table(['from', 'how', 'by', 'MB/s (least–most)', '÷ plain', 'memory'], rows);
}
