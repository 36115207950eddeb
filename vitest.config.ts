import { defineConfig } from 'vitest/config'

/** Long and privileged tests stand in test/faults and run by `npm run test:faults` only. */
const faults = process.env.MIRROR_TEST === 'faults'

export default defineConfig({
  test: {
    include: faults ? ['test/faults/**/*.test.ts'] : ['test/**/*.test.ts'],
    exclude: faults ? [] : ['test/faults/**'],
    testTimeout: faults ? 600_000 : 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
    maxWorkers: 2,
    fileParallelism: !faults,
  },
})
