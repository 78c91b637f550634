import { existsSync } from 'node:fs';

/** Lambda's names of this machine's processors, which the emulator runs functions on. */
const ARCHITECTURES: Readonly<Record<string, string>> = { arm64: 'arm64', x64: 'x86_64' };

export const STAGE = 'local';
export const REGION = 'eu-central-1';
export const STACK = `soundlift-${STAGE}`;

/** What the stage has otherwise than on AWS, where the parameters of serverless.yml stand as they are. */
export function stageArguments(): string[] {
  const lack = lackOfLayer();
  if (lack !== undefined) throw new Error(lack);
  return [
    ...['--stage', STAGE, '--region', REGION],
    ...['--param', `architecture=${ARCHITECTURES[process.arch]}`],
    // MiniStack 1.5.33 requires a handler by its name without an extension: Node finds .js and no .cjs.
    ...['--param', 'bundleExtension=.js'],
  ];
}

/** Why there is no ffmpeg layer to deploy for this machine, and what to do; `undefined` when there is one. */
export function lackOfLayer(): string | undefined {
  const architecture = ARCHITECTURES[process.arch];
  if (architecture === undefined) return `Lambda has no functions for ${process.arch}`;
  if (existsSync(`layers/ffmpeg/${architecture}/bin/ffmpeg`)) return undefined;
  const command = `npm run build:layer -- --arch ${architecture}`;
  return `There is no layers/ffmpeg/${architecture}. Build it, once: ${command}`;
}
