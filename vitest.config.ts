import { defineConfig } from 'vitest/config'

/** Long and privileged tests stand in folders of their own and run by `npm run test:faults` and `npm run test:soak` only. */
const apart = process.env.MIRROR_TEST

export default defineConfig({
  test: {
    include: apart === undefined ? ['test/**/*.test.ts'] : [`test/${apart}/**/*.test.ts`],
    exclude: apart === undefined ? ['test/faults/**', 'test/soak/**'] : [],
    testTimeout: apart === undefined ? 60_000 : 1_200_000,
    hookTimeout: 60_000,
    pool: 'forks',
    maxWorkers: 2,
  },
})
