import { defineConfig } from 'vitest/config';

/** They take minutes, and are not part of `npm test`. */
export default defineConfig({
  test: {
    include: ['tests/fault/crash/*.crash.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
    reporters: ['default'],
  },
});
