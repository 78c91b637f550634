import * as z from 'zod';
import { connectMongo } from '../../../src/adapters/mongo-connection.ts';
import { asked, type Finding, TIMEOUT_MS } from './finding.ts';

const buildSchema = z.looseObject({ version: z.string() });
/** By the older of its two names, which every server knows. */
const helloSchema = z.looseObject({ localTime: z.date().optional() });

/** One MongoDB: its version and its clock. */
export async function checkMongodb(url: string, what: string): Promise<Finding[]> {
  const prepare = async () => undefined;
  const connection = connectMongo({ url, timeoutMs: TIMEOUT_MS, part: what, prepare });
  const todo = 'Is MongoDB running, and do host, user and password of its URL fit?';
  try {
    return await asked(`${what} (MongoDB)`, todo, () =>
      connection.run(async (db) => {
        const { version } = buildSchema.parse(await db.command({ buildInfo: 1 }));
        const { localTime: time } = helloSchema.parse(await db.command({ isMaster: 1 }));
        return { version, time };
      }),
    );
  } finally {
    await connection.dispose();
  }
}
