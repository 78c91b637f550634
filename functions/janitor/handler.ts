import { composeJanitor, loadSettings } from '../../src/compose.ts';
import { janitorConfig } from '../../src/config.ts';
import type { SettleDeps } from '../../src/conversions/settle-conversion.ts';
import { type LambdaHandler, wrap } from '../../src/lambda/wrap.ts';
import type { Logger } from '../../src/logger.ts';
import { createOrphanWalk, type OrphanReport } from './remove-orphans.ts';
import { type TidyReport, tidyUp } from './tidy-up.ts';

/** Every minute: what got stuck is moved on, what has had its time or is nobody's is removed. */
export function createHandler(
  deps: SettleDeps & { readonly logger: Logger },
): LambdaHandler<unknown, TidyReport> {
  const walkOn = createOrphanWalk(deps);
  return async () => {
    const report = await tidyUp(deps);
    for (const { conversionId, error } of report.failures) {
      deps.logger.error({ conversionId, err: error }, 'conversion could not be tidied up');
    }
    const { republished, removed } = report;
    if (republished + removed > 0) deps.logger.info({ republished, removed }, 'tidied up');
    // The next run goes on with it, and what is due is done whatever becomes of this.
    await walkOn().then(
      (orphans) => logOrphans(deps.logger, orphans),
      (error: unknown) => deps.logger.error({ err: error }, 'orphans could not be looked for'),
    );
    return report;
  };
}

function logOrphans(logger: Logger, { removed, suspicious }: OrphanReport): void {
  if (removed > 0) logger.info({ removed }, 'orphaned files removed');
  if (suspicious > 0) {
    logger.warn({ suspicious }, 'files without records are left: is CONVERSIONS_URL right?');
  }
}

export const handler = wrap(async () =>
  createHandler(await composeJanitor(await loadSettings(janitorConfig))),
);
