/** The Serverless Framework's command line, of node_modules. */
export const SERVERLESS = 'node_modules/serverless/bin/serverless.js';

/** It asks nothing and tells nobody. */
export const SERVERLESS_SETTINGS = {
  SLS_INTERACTIVE_SETUP_ENABLE: '0',
  SLS_TELEMETRY_DISABLED: '1',
};
