import { type CrashPoint, createDrive } from './drive.ts';
import { type FunctionHost, functionHost } from './function-host.ts';
import { brokenPromises, type History, type Snapshot } from './history.ts';
import { ownFfmpeg } from './own-ffmpeg.ts';
import { SCENARIOS, type Scenario } from './scenarios.ts';
import type { World } from './world.ts';

/** A scenario, and who dies where in it. */
export interface Trial {
  readonly scenario: Scenario;
  readonly point: CrashPoint;
}

interface Result {
  readonly problems: readonly string[];
  readonly hasDied: boolean;
  /** In words, for the table of docs/reliability.md. */
  readonly outcome: string;
  readonly points: readonly CrashPoint[];
}

/** Functions on a world, by the build that a scenario wants. */
export function createEnumeration(world: World) {
  const hosts = new Map<string, FunctionHost>();
  const ffmpeg = ownFfmpeg();
  /** Of the MP3 that a scenario makes when nobody dies. */
  const digests = new Map<Scenario, string | undefined>();

  function hostOf(build: string): FunctionHost {
    const host =
      hosts.get(build) ?? functionHost({ ...world.environment, FFMPEG_PATH: ffmpeg.path }, build);
    hosts.set(build, host);
    return host;
  }

  async function run(scenario: Scenario, dieAt?: CrashPoint, build = scenario.build ?? 'real') {
    await world.reset();
    const drive = createDrive(world, hostOf(build), dieAt);
    const told = await scenario.run(drive);
    const healed = await drive.heal();
    if (dieAt === undefined) digests.set(scenario, digestOfMp3(healed.end));
    const history: History = {
      ...told,
      ...healed,
      wantedDigest: digests.get(scenario),
      orphans: await ffmpeg.leftOver(),
    };
    return {
      problems: brokenPromises(history),
      hasDied: drive.hasDied(),
      outcome: outcomeOf(history),
      points: drive.points(),
    } satisfies Result;
  }

  return {
    run,
    /** Every point of every scenario, found by going through each without a death. */
    async record(): Promise<Trial[]> {
      const trials: Trial[] = [];
      for (const scenario of SCENARIOS) {
        const { points, problems } = await run(scenario);
        if (problems.length > 0) throw new Error(`${scenario.title}: ${problems.join('; ')}`);
        const own = points.filter(
          ({ functionName, name }) =>
            scenario.functions.includes(functionName) &&
            (scenario.points?.test(name) ?? !name.includes(' of a renewal ')),
        );
        if (own.length === 0) throw new Error(`${scenario.title}: nobody gets to its points`);
        trials.push(...own.map((point) => ({ scenario, point })));
      }
      return trials;
    },
    async close() {
      for (const host of hosts.values()) await host.stop();
      ffmpeg.remove();
      await world.close();
    },
  };
}

/** One of each kind: the first time that a function does a thing, whatever the upload. */
export function shortOf(trials: readonly Trial[]): Trial[] {
  const kinds = new Set<string>();
  return trials.filter(({ point: { functionName, name, side } }) => {
    const kind = `${functionName}: ${name.replace(/ #\d+$/, '')} ${side}`;
    const isNew = !kinds.has(kind);
    kinds.add(kind);
    return isNew;
  });
}

export function nameOf({ scenario, point: { functionName, name } }: Trial): string {
  return `${scenario.title} › ${functionName}: ${name}`;
}

function digestOfMp3({ files }: Snapshot): string | undefined {
  return files.find(({ digest }) => digest !== undefined)?.digest;
}

function outcomeOf({ end: { records, mails } }: History): string {
  const state = records[0]?.state ?? 'nothing kept';
  const heard = mails.length === 1 ? '1 mail' : `${mails.length} mails`;
  return mails.length === 0 ? state : `${state}, ${heard}`;
}
