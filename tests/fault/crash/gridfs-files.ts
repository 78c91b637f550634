import { Binary, type Db, type Document } from 'mongodb';
import { z } from 'zod';
import type { StoredFile } from './history.ts';
import { digestOf } from './settings.ts';

const BUCKETS = ['videos', 'mp3s'] as const;
const fileSchema = z.object({ filename: z.string() });
const chunkSchema = z.object({ data: z.instanceof(Binary) });

/** What the collections of GridFS hold, also what belongs to no file. */
export async function gridfsFiles(db: Db): Promise<StoredFile[]> {
  const found = await Promise.all(BUCKETS.map((bucket) => filesOf(db, bucket)));
  return found.flat();
}

async function filesOf(db: Db, bucket: (typeof BUCKETS)[number]): Promise<StoredFile[]> {
  const [whole, chunks, unfinished] = await Promise.all([
    db.collection(`${bucket}.files`).find().toArray(),
    db
      .collection(`${bucket}.chunks`)
      .find({}, { projection: { files_id: 1 } })
      .toArray(),
    db.collection(`${bucket}.unfinished`).find().toArray(),
  ]);
  const ids = whole.map(({ _id }) => String(_id));
  const strays = chunks.map(({ files_id }) => String(files_id)).filter((id) => !ids.includes(id));
  const files = whole.map(async (document) => ({
    name: `${bucket}/${fileSchema.parse(document).filename}`,
    ...(bucket === 'mp3s' && { digest: await digestOfChunks(db, document) }),
  }));
  return [
    ...(await Promise.all(files)),
    ...strays.map((id) => ({ name: `${bucket}/chunk of ${id}` })),
    ...unfinished.map(({ _id }) => ({ name: `${bucket}/unfinished ${_id}` })),
  ];
}

async function digestOfChunks(db: Db, { _id }: Document): Promise<string> {
  const chunks = db.collection('mp3s.chunks').find({ files_id: _id }).sort({ n: 1 });
  const pieces = (await chunks.toArray()).map((chunk) => chunkSchema.parse(chunk).data.value());
  return digestOf(Buffer.concat(pieces));
}
