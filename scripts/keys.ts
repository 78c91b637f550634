/** `npm run keys`: makes what signs access tokens and links, and prints it as settings. */

import { generateSigningKey, toPublicJwk } from '../src/adapters/tokens/jose.ts';
import { tokenPublicKeys } from '../src/config.ts';
import { readSetting } from '../src/read-config.ts';
import { newLinkSecret } from './start/link-secret.ts';
import { runScript } from './start/run-script.ts';

const HELP = `Makes what signs access tokens and links, and prints it as settings.

  npm run keys                a pair of keys, and a secret for links
  npm run keys -- --rotate    the next pair, to follow that of TOKEN_PUBLIC_KEYS (or
                              TOKEN_PUBLIC_KEYS_FILE) in the environment: its public keys are both

docs/deploying.md says in which order they are put to use.`;

await runScript({
  help: HELP,
  options: { rotate: { type: 'boolean', default: false } },
  run: async ({ rotate }) => {
    // Before anything is made or shown: what is given may be wrong.
    const earlier = rotate ? publicKeysInUse() : [];
    const { privateJwk, publicJwk } = await generateSigningKey();
    console.log(`TOKEN_PRIVATE_KEY=${JSON.stringify(privateJwk)}`);
    console.log(`TOKEN_PUBLIC_KEYS=${JSON.stringify({ keys: [publicJwk, ...earlier] })}`);
    if (!rotate) console.log(`LINK_SECRET=${newLinkSecret()}`);
    return 0;
  },
});

/** Without what is not for everyone, whatever is given. */
function publicKeysInUse() {
  const given = readSetting(process.env, 'TOKEN_PUBLIC_KEYS');
  const result = tokenPublicKeys.safeParse(given);
  if (given === undefined || !result.success) {
    const problem = given === undefined ? 'is missing' : 'is not a JWK Set whose keys have a kid';
    throw new Error(`TOKEN_PUBLIC_KEYS ${problem}: give the one that is in use`);
  }
  return result.data.keys.map(toPublicJwk);
}
