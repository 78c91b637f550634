import { expect, test } from 'vitest';
import { signedInClient } from '../support/api-client.ts';
import { mailsTo } from '../support/mailbox.ts';
import { decodedDurationSeconds, sample } from '../support/media.ts';
import type { RunningService } from '../support/running-service.ts';

export interface FaultHost {
  start(): Promise<RunningService>;
  mailUrl(service: RunningService): string;
  /** How many files are kept, by bucket. */
  countFiles(service: RunningService): Promise<{ videos: number; mp3s: number }>;
  /** How many messages wait, are in flight or are dead, over all queues. */
  countMessages(service: RunningService): Promise<number>;
}

/** A lease has to run out and the janitor to come by, once a minute. */
const RECOVERY = { timeout: 240_000, interval: 500 };

/** The service loses its power in the middle of a conversion, and is started again. */
export function declareConverterKilled(host: FaultHost): void {
  test('a converter that is killed costs nothing: one MP3, one mail, nothing left', async () => {
    const first = await host.start();
    const client = await signedInClient(first.url, 'killed');
    const sound = await sample('long-sound');
    const { file_id: id } = await client.upload(sound);
    await expect
      .poll(async () => (await client.status(id)).progress, { timeout: 60_000, interval: 100 })
      .toBeGreaterThan(0);
    expect((await client.status(id)).status).toBe('converting');
    await first.kill();

    const second = await host.start();
    try {
      await expect.poll(async () => (await client.status(id)).status, RECOVERY).toBe('ready');
      expect((await client.status(id)).attempts).toBe(2);
      const mailUrl = host.mailUrl(second);
      await expect.poll(() => mailsTo(mailUrl, client.email), RECOVERY).toHaveLength(1);
      await expect.poll(() => host.countMessages(second), RECOVERY).toBe(0);
      expect(await mailsTo(mailUrl, client.email)).toHaveLength(1);
      expect(await host.countFiles(second)).toEqual({ videos: 0, mp3s: 1 });

      const { duration_seconds: seconds } = await client.status(id);
      expect(Math.abs((seconds ?? 0) - (await decodedDurationSeconds(sound)))).toBeLessThan(0.1);
    } finally {
      await second.stop();
    }
  }, 400_000);
}
