import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    globalSetup: 'tests/support/build-page.ts',
    include: ['tests/**/*.test.ts', 'plugins/*/tests/**/*.test.ts'],
    // Real databases and real ffmpeg on two shared cores: slow is not the same as broken.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 30_000 } },
    maxWorkers: 2,
    reporters: ['default'],
  },
});
