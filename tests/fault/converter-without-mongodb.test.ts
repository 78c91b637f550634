import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { LEASE_MS } from '../../functions/converter/keep-lease.ts';
import { idOf, upload } from '../support/http-calls.ts';
import { sample } from '../support/media.ts';
import { REAL_SERVICES } from '../support/real-stores.ts';
import { serviceOnLines } from '../support/service-on-lines.ts';
import { describeWithServices } from '../support/services.ts';

const MIB = 1024 * 1024;

await describeWithServices('a converter, while MongoDB', REAL_SERVICES, (urls) => {
  const service = serviceOnLines(urls, 'converter_without_mongodb');
  const { mongodb } = service.lines;
  const found = (id: string) => service.stores().conversions.find(id);

  async function uploaded(): Promise<string> {
    const video = Uint8Array.from(await readFile(await sample('noisy')));
    expect(video.length).toBeGreaterThan(2 * MIB);
    return await idOf(await upload(service, video));
  }

  it('is reset in the middle of the video, makes the MP3 by the next message at the latest', async () => {
    const id = await uploaded();
    mongodb.resetAfter(MIB);
    await service.convert(id);
    // MongoDB's driver may have asked again by itself; that is as well.
    if ((await found(id))?.state !== 'ready') {
      expect(await found(id)).toMatchObject({ state: 'queued' });
      await service.convert(id, 1);
    }
    expect(await found(id)).toMatchObject({ state: 'ready', warnings: [] });
  });

  it('goes away in the middle of the video, leaves it to the next one when it is back', async () => {
    const id = await uploaded();
    mongodb.cutAfter(MIB);
    // It cannot even say that it has given up; the message is handed over to be tried later.
    await service.convert(id);
    await mongodb.mend();
    expect(await found(id)).toMatchObject({ state: 'converting', attempts: 1 });
    await service.tidyUpIn(LEASE_MS);
    await service.convert(id, 1);
    const conversion = await found(id);
    expect(conversion).toMatchObject({ state: 'ready', attempts: 2, warnings: [] });
    const { files } = service.stores();
    expect(await files.stat({ bucket: 'videos', key: id })).toBeUndefined();
    const keys = conversion?.audioKeys ?? [];
    const stored = await Promise.all(keys.map((key) => files.stat({ bucket: 'mp3s', key })));
    expect(stored.filter(Boolean)).toEqual([{ sizeBytes: conversion?.audio?.sizeBytes }]);
  });
});
