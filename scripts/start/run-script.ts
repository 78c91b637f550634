import { type ParseArgsConfig, parseArgs } from 'node:util';

type Options = NonNullable<ParseArgsConfig['options']>;
type Values<Own extends Options> = ReturnType<typeof parseArgs<{ options: Own }>>['values'];

interface Script<Own extends Options> {
  /** What `--help` shows. */
  readonly help: string;
  /** Besides `--help`. */
  readonly options: Own;
  /** Whether it takes words that are no options, as a command. */
  readonly takesWords?: boolean;
  /** @returns the exit code */
  run(values: Values<Own>, words: readonly string[]): Promise<number>;
}

/** Runs what `npm run` names: what went wrong is said in its own words, without a stack. */
export async function runScript<Own extends Options>(script: Script<Own>): Promise<void> {
  const help = { type: 'boolean', short: 'h' } as const;
  try {
    const asksForHelp = parseArgs({ options: { help }, strict: false }).values.help;
    if (asksForHelp) console.log(script.help);
    else {
      const { options, takesWords: allowPositionals = false } = script;
      const { values, positionals } = parseArgs({ options, allowPositionals });
      process.exitCode = await script.run(values, positionals);
    }
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
