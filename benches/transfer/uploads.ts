import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { createDiskFileStore } from '../../src/adapters/files/disk.ts';
import { createGridfsFileStore } from '../../src/adapters/files/gridfs.ts';
import { createJoseTokenSigner, generateSigningKey } from '../../src/adapters/tokens/jose.ts';
import { TOKEN_PARTIES } from '../../src/compose.ts';
import type { FileStore } from '../../src/ports/file-store.ts';
import { table } from '../convert/report.ts';
import { openMongoDatabase, ServiceMissing } from '../convert/stores.ts';
import { median } from '../median.ts';
import { judged, type Section, type TransferBench } from './section.ts';
import { partsOf, removeUpload, type Sent, sendByTus, sendWhole } from './send.ts';
import { type ServerKind, startServer } from './server-process.ts';

const MB = 1_000_000;
/** Beside what it is compared with. */
const SPEED_AIM = 0.8;
/** How much more memory ten times the bytes may take. */
const GROWTH_AIM_BYTES = 32 * MB;
const TOKEN_SECONDS = 12 * 3_600;

/** One way into one store. */
interface Variant {
  readonly place: 'disk' | 'GridFS';
  readonly name: string;
  readonly kind: ServerKind;
  readonly settings: Readonly<Record<string, string>>;
  send(url: string, sizeBytes: number): Promise<Sent>;
  stored(address: string): AsyncIterable<Uint8Array>;
  remove(address: string): Promise<void>;
  readonly wallsMs: number[];
  /** The most memory after the smaller upload, and after the larger one that followed. */
  readonly smallBytes: number[];
  readonly largeBytes: number[];
}

/** What nothing faster is known of, and stands beside ours. */
const BESIDE: Readonly<Record<Variant['place'], ServerKind>> = {
  disk: 'tus-file-store',
  GridFS: 'gridfs-uploads',
};

const EXPLAINED = `Uploads are cut into parts of 4 MiB, sent one after the other over one connection. **gateway** is the
handler of *gateway*, from Lambda’s event to its result: a part is whole in memory, and in Base64 on its way.
It answers when the part is on the disk (fsync, or the write concern *majority*) and its record is. Beside it
stand \`@tus/server\` with \`@tus/file-store\` on the same disk, as it comes, which waits for no disk; the same behind
Lambda’s events and with fsync; and of GridFS the MongoDB driver’s upload stream, which takes the whole file by one
request. In each round every server is started anew, takes the smaller file and then the larger one, which is
timed. Memory is the most that was resident (VmHWM).`;

/** A large file by tus, into a folder and into GridFS. */
export async function measureUploads(bench: TransferBench): Promise<Section> {
  const sizes = bench.isShort
    ? { small: 40 * MB, large: 80 * MB }
    : { small: 100 * MB, large: 1_000 * MB };
  await using opened = new AsyncDisposableStack();
  const gateway = await prepareGateway(bench);
  const variants = await diskVariants(opened, bench, gateway);
  const leftOut: string[] = [];
  try {
    variants.push(...(await gridfsVariants(opened, gateway)));
  } catch (error) {
    if (!(error instanceof ServiceMissing)) throw error;
    leftOut.push(`Left out: GridFS, ${error.message}.`);
  }
  await measureRounds(bench, variants, sizes);
  return {
    title: `Upload of a file of ${sizes.large / MB} MB`,
    parts: [
      ...leftOut,
      EXPLAINED,
      `Aimed at: ≥ ${SPEED_AIM} of the speed beside it; and ≤ ${GROWTH_AIM_BYTES / MB} MB more memory for ${sizes.large / MB} MB
than for ${sizes.small / MB} MB.`,
      tableOf(variants, sizes.large),
    ],
  };
}

interface Gateway {
  readonly settings: Readonly<Record<string, string>>;
  readonly headers: { readonly authorization: string };
}

async function prepareGateway({ directory }: TransferBench): Promise<Gateway> {
  const { privateJwk, publicJwk } = await generateSigningKey();
  const signer = createJoseTokenSigner({ privateJwk, ...TOKEN_PARTIES });
  const identity = { userId: 'bench', email: 'bench@example.org', sessionId: 'bench' };
  const token = await signer.sign(identity, new Date(), TOKEN_SECONDS);
  return {
    settings: {
      LINK_SECRET: 'what signs the links of a benchmark',
      PUBLIC_URL: 'http://127.0.0.1',
      QUEUE_URL: `embedded:${join(directory, 'uploads-queue.sqlite')}`,
      TOKEN_PUBLIC_KEYS: JSON.stringify({ keys: [publicJwk] }),
    },
    headers: { authorization: `Bearer ${token}` },
  };
}

async function diskVariants(
  opened: AsyncDisposableStack,
  { directory }: TransferBench,
  gateway: Gateway,
): Promise<Variant[]> {
  const folder = join(directory, 'uploads');
  const tusFolder = join(directory, 'tus');
  await mkdir(tusFolder);
  const files = opened.adopt(createDiskFileStore({ directory: folder }), (it) => it.dispose());
  const records = join(directory, 'uploads.sqlite');
  return [
    ours('disk', gateway, files, {
      FILES_URL: `disk:${folder}`,
      CONVERSIONS_URL: `sqlite:${records}`,
    }),
    tusFileStore('@tus/file-store', 'tus-file-store', tusFolder),
    tusFileStore('@tus/file-store, by events, with fsync', 'tus-by-events', tusFolder),
  ];
}

function tusFileStore(name: string, kind: ServerKind, folder: string): Variant {
  return {
    ...unmeasured(),
    place: 'disk',
    name,
    kind,
    settings: { PLAIN_PATH: folder },
    send: (url, sizeBytes) => sendByTus(`${url}/`, sizeBytes, {}),
    stored: (address) => createReadStream(join(folder, basename(address))),
    remove: (address) => removeUpload(address, {}),
  };
}

async function gridfsVariants(opened: AsyncDisposableStack, gateway: Gateway): Promise<Variant[]> {
  const { url, drop } = await openMongoDatabase(`soundlift-uploads-${Date.now()}`);
  opened.defer(drop);
  const files = opened.adopt(createGridfsFileStore({ url }), (it) => it.dispose());
  return [
    ours('GridFS', gateway, files, { FILES_URL: url, CONVERSIONS_URL: url }),
    {
      ...unmeasured(),
      place: 'GridFS',
      name: 'the driver’s upload stream',
      kind: 'gridfs-uploads',
      settings: { FILES_URL: url },
      send: (url, sizeBytes) => sendWhole(`${url}/`, sizeBytes),
      stored: (address) => whole(files, 'mp3s', address),
      remove: (address) => removeUpload(address, {}),
    },
  ];
}

function ours(
  place: Variant['place'],
  { settings, headers }: Gateway,
  files: FileStore,
  stores: Readonly<Record<string, string>>,
): Variant {
  return {
    ...unmeasured(),
    place,
    name: 'gateway',
    kind: 'gateway',
    settings: { ...settings, ...stores },
    send: (url, sizeBytes) => sendByTus(`${url}/api/v1/uploads`, sizeBytes, headers),
    stored: (address) => whole(files, 'videos', address),
    remove: (address) => removeUpload(address, headers),
  };
}

function whole(files: FileStore, bucket: 'videos' | 'mp3s', address: string) {
  return files.readRange({ bucket, key: basename(address) }, { start: 0, end: Infinity });
}

const unmeasured = () => ({ wallsMs: [], smallBytes: [], largeBytes: [] });

/** In the first round the bytes are compared, too: nobody is fast by what is wrong. */
async function measureRounds(
  { rounds, signal }: TransferBench,
  variants: readonly Variant[],
  sizes: { readonly small: number; readonly large: number },
): Promise<void> {
  const digest = await digestOf(partsOf(sizes.large));
  for (let round = 0; round < rounds; round += 1) {
    const first = round % variants.length;
    for (const variant of [...variants.slice(first), ...variants.slice(0, first)]) {
      signal.throwIfAborted();
      await using server = await startServer(variant.kind, variant.settings);
      const small = await variant.send(server.url, sizes.small);
      await variant.remove(small.address);
      variant.smallBytes.push(server.peakBytes());
      const large = await variant.send(server.url, sizes.large);
      variant.wallsMs.push(large.wallMs);
      variant.largeBytes.push(server.peakBytes());
      if (round === 0 && (await digestOf(variant.stored(large.address))) !== digest) {
        throw new Error(`${variant.name} has stored other bytes than were sent`);
      }
      await variant.remove(large.address);
    }
    console.error(`uploads: round ${round + 1} of ${rounds}`);
  }
}

async function digestOf(
  content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<string> {
  const hash: Hash = createHash('sha256');
  for await (const piece of content) hash.update(piece);
  return hash.digest('hex');
}

function tableOf(variants: readonly Variant[], sizeBytes: number): string {
  const speed = (wallMs: number) => sizeBytes / MB / (wallMs / 1_000);
  const typical = (values: readonly number[]) => {
    const found = median(values);
    if (found === undefined) throw new Error('nothing was measured');
    return found;
  };
  const rows = variants.map((variant) => {
    const { place, name, wallsMs, smallBytes, largeBytes } = variant;
    const beside = variants.find((it) => it.place === place && it.kind === BESIDE[place]);
    const ratio = beside ? typical(beside.wallsMs) / typical(wallsMs) : 1;
    const growth = typical(largeBytes.map((bytes, round) => bytes - (smallBytes[round] ?? 0)));
    const range = `${speed(Math.max(...wallsMs)).toFixed(0)}–${speed(Math.min(...wallsMs)).toFixed(0)}`;
    const isOurs = variant.kind === 'gateway';
    return [
      place,
      name,
      `${speed(typical(wallsMs)).toFixed(0)} (${range})`,
      variant === beside ? '' : `${ratio.toFixed(2)}${isOurs ? judged(ratio >= SPEED_AIM) : ''}`,
      `${(typical(largeBytes) / MB).toFixed(0)} MB`,
      `${(growth / MB).toFixed(0)} MB${isOurs ? judged(growth <= GROWTH_AIM_BYTES) : ''}`,
    ];
  });
  return table(
    ['into', 'by', 'MB/s (least–most)', '÷ plain', 'memory', 'more than for the smaller file'],
    rows,
  );
}
