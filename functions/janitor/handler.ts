import { composeJanitor, loadSettings } from '../../src/compose.ts';
import { janitorConfig } from '../../src/config.ts';
import type { SettleDeps } from '../../src/conversions/settle-conversion.ts';
import { type LambdaHandler, wrap } from '../../src/lambda/wrap.ts';
import type { Logger } from '../../src/logger.ts';
import { type TidyReport, tidyUp } from './tidy-up.ts';

/** Every minute: what got stuck is moved on, what has had its time is removed. */
export const createHandler =
  (deps: SettleDeps & { readonly logger: Logger }): LambdaHandler<unknown, TidyReport> =>
  async () => {
    const report = await tidyUp(deps);
    for (const { conversionId, error } of report.failures) {
      deps.logger.error({ conversionId, err: error }, 'conversion could not be tidied up');
    }
    const { republished, removed } = report;
    if (republished + removed > 0) deps.logger.info({ republished, removed }, 'tidied up');
    return report;
  };

export const handler = wrap(async () =>
  createHandler(await composeJanitor(await loadSettings(janitorConfig))),
);
