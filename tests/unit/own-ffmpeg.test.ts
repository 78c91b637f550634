import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { ownFfmpeg } from '../fault/crash/own-ffmpeg.ts';
import { serve } from '../support/http-host.ts';

test('an ffmpeg that goes on running is seen until it has ended, and nobody else’s is', async () => {
  const [own, another] = [copy(), copy()];
  const silent = await serve(() => {});
  const waiting = spawn(own.path, ['-i', silent, '-f', 'mp3', 'out.mp3']);
  onTestFinished(() => void waiting.kill('SIGKILL'));
  await once(waiting, 'spawn');
  await expect.poll(() => own.leftOver(0)).toEqual([`ffmpeg ${waiting.pid}`]);
  expect(await another.leftOver(0)).toEqual([]);
  waiting.kill('SIGKILL');
  expect(await own.leftOver()).toEqual([]);
});

test('the copy is one that runs', async () => {
  const { path } = copy();
  const child = execFile(path, ['-version']);
  const [code] = await once(child, 'exit');
  expect(code).toBe(0);
});

function copy() {
  const own = ownFfmpeg();
  onTestFinished(() => own.remove());
  return own;
}
